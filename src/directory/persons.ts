import { command, query } from './call.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import { claimExtensionKeys } from './extension-values.ts'
import { checkState, summary } from './members.ts'
import { emailOf, statusOf, type Membership, type MemberState } from './membership.ts'
import type { Reader } from './store.ts'

export interface AddPerson {
  readonly personId: string
  /** Called inside the transaction with what is known of the person; answers the whole state. May throw a DirectoryError. */
  readonly change: (known: MemberState) => MemberState
}

export function personCommands({ store, newId }: Parts) {
  return {
    /**
     * Adds a person whom this installation knows already, as an active member: one who accepted an invitation elsewhere, or who was a member here
     * before. Of another organization's profile come along the user name, the name and the address that stands for them, nothing else.
     * Refuses an unknown person as `notFound` and a member as `taken`.
     */
    addPerson: command(store, 'write', async (tx, call, { personId, change }: AddPerson) => {
      if (await tx.membershipByPerson(call.organizationId, personId))
        throw new DirectoryError('taken', 'This person is a member already.', { field: 'personId' })
      const known = await profileOf(tx, call.organizationId, personId)
      if (!known)
        throw new DirectoryError('notFound', 'There is no such person. Invite them by e-mail address instead.', {
          field: 'personId',
        })
      const state = change(known)
      const changes = await checkState(tx, call, state, undefined)
      const { suspended, ...fields } = state
      const member: Membership = {
        ...fields,
        id: newId(),
        organizationId: call.organizationId,
        personId,
        status: statusOf(suspended, call.now),
        acceptedAt: call.now,
        createdAt: call.now,
        updatedAt: call.now,
        version: 1,
      }
      await tx.putMembership(member)
      await claimExtensionKeys(tx, changes, member.id)
      return [member, { action: 'member.added', subject: member.id, detail: summary(member) }]
    }),

    /** The membership that a person has here. */
    findMemberByPerson: query(store, 'read', (tx, call, { personId }: { readonly personId: string }) =>
      tx.membershipByPerson(call.organizationId, personId),
    ),
  }
}

async function profileOf(tx: Reader, organizationId: string, personId: string): Promise<MemberState | undefined> {
  const nothing = { externalId: undefined, displayName: undefined, name: {}, roleIds: [], suspended: false, attributes: {} }
  const accepted = (await tx.membershipsOfPerson(personId)).find((membership) => membership.acceptedAt)
  if (accepted) {
    const { userName, displayName, name } = accepted
    const email = emailOf(accepted)
    return { ...nothing, userName, displayName, name, emails: email === undefined ? [] : [{ value: email, primary: true }] }
  }
  const userName = await tx.formerUserName(organizationId, personId)
  if (userName === undefined) return undefined
  return { ...nothing, userName, emails: /^[^\s@]+@[^\s@]+$/.test(userName) ? [{ value: userName, primary: true }] : [] }
}
