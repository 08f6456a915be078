import { command, query, unchanged } from './call.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import { endSessions, findMember } from './members.ts'
import type { Session } from './session.ts'

export function sessionCommands({ store, newId }: Parts) {
  return {
    /** Records that a member signed in. Only an active member can. */
    startSession: command(store, 'write', async (tx, call, { membershipId }: { readonly membershipId: string }) => {
      const member = await findMember(tx, call, membershipId)
      if (member.status !== 'active') throw new DirectoryError('conflict', `The member is ${member.status} and cannot sign in.`)
      const session: Session = {
        id: newId(),
        organizationId: call.organizationId,
        membershipId,
        startedAt: call.now,
        endedAt: undefined,
      }
      await tx.putSession(session)
      return [session, { action: 'session.started', subject: session.id, detail: { membershipId } }]
    }),
    /** Ends every session of a member; answers how many there were. */
    endSessions: command(store, 'write', async (tx, call, { membershipId }: { readonly membershipId: string }) => {
      await findMember(tx, call, membershipId)
      const [first, ...rest] = await endSessions(tx, call, membershipId)
      return first ? [rest.length + 1, first, ...rest] : unchanged(0)
    }),
    /** How many sessions of each of some members have not ended, by membership id; members without one are left out. */
    countOpenSessions: query(store, 'read', (tx, call, { membershipIds }: { readonly membershipIds: readonly string[] }) =>
      tx.countOpenSessions(call.organizationId, membershipIds),
    ),
    listSessions: query(store, 'read', async (tx, call, { membershipId }: { readonly membershipId: string }) => {
      await findMember(tx, call, membershipId)
      return tx.sessionsOf(call.organizationId, membershipId)
    }),
  }
}
