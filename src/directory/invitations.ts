import { command, type Call } from './call.ts'
import { hashSecret } from './credential.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import type { FactDraft } from './fact.ts'
import { invitationState, type Invitation } from './invitation.ts'
import { statusOf } from './membership.ts'
import type { Writer } from './store.ts'

/** How long an invitation can be accepted, in milliseconds. */
export const invitationLifetimeMs = 7 * 24 * 60 * 60 * 1000

export function invitationCommands({ store }: Parts) {
  return {
    /** Accepts the invitation that the token belongs to, once. The call's organization is the invitation's. */
    acceptInvitation: command(store, 'write', async (tx, call, { token }: { readonly token: string }) => {
      const invitation = await tx.invitationByTokenHash(hashSecret(token))
      if (!invitation || invitation.organizationId !== call.organizationId)
        throw new DirectoryError('notFound', 'There is no such invitation. Ask for a new one.')
      const state = invitationState(invitation, call.now)
      if (state !== 'pending') throw new DirectoryError('conflict', `This invitation is ${state}. Ask for a new one.`)
      const member = await tx.membership(call.organizationId, invitation.membershipId)
      if (!member) throw new DirectoryError('conflict', 'The invited person is no longer a member. Ask for a new invitation.')
      const accepted = {
        ...member,
        acceptedAt: call.now,
        status: statusOf(member.status === 'suspended', call.now),
        updatedAt: call.now,
        version: member.version + 1,
      }
      await tx.putInvitation({ ...invitation, acceptedAt: call.now })
      await tx.putMembership(accepted)
      return [
        accepted,
        { action: 'member.accepted', subject: member.id, detail: { invitationId: invitation.id, status: accepted.status } },
      ]
    }),
  }
}

/** Stores a new invitation inside a command that invites; answers the one copy of its token. */
export async function createInvitation(
  tx: Writer,
  call: Call,
  { id, membershipId, secret }: { readonly id: string; readonly membershipId: string; readonly secret: string },
): Promise<{ readonly token: string; readonly fact: FactDraft }> {
  const invitation: Invitation = {
    id,
    organizationId: call.organizationId,
    membershipId,
    tokenHash: hashSecret(secret),
    createdAt: call.now,
    expiresAt: new Date(call.now.getTime() + invitationLifetimeMs),
    acceptedAt: undefined,
    cancelledAt: undefined,
  }
  await tx.putInvitation(invitation)
  return {
    token: secret,
    fact: { action: 'invitation.created', subject: id, detail: { membershipId, expiresAt: invitation.expiresAt.toISOString() } },
  }
}
