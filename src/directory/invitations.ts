import { command, type Call } from './call.ts'
import { hashSecret } from './credential.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import type { FactDraft } from './fact.ts'
import { invitationState, type Invitation, type OpenedInvitation } from './invitation.ts'
import { displayNameOf, emailOf, statusOf, type Membership } from './membership.ts'
import type { Writer } from './store.ts'

/** How long an invitation can be accepted, in milliseconds. */
export const invitationLifetimeMs = 7 * 24 * 60 * 60 * 1000

export function invitationCommands({ store }: Parts) {
  return {
    /** What the holder of a token is shown, whoever they are: the token alone is their right to it. */
    openInvitation: ({ token, now }: { readonly token: string; readonly now: Date }): Promise<OpenedInvitation> =>
      store.read(async (tx) => {
        const invitation = await tx.invitationByTokenHash(hashSecret(token))
        if (!invitation) return { state: 'unknown' }
        const state = invitationState(invitation, now)
        if (state !== 'pending') return { state }
        const { organizationId } = invitation
        const [organization, member] = [
          await tx.organization(organizationId),
          await tx.membership(organizationId, invitation.membershipId),
        ]
        if (!organization || !member) return { state: 'cancelled' }
        const roles = await tx.roles(organizationId)
        return {
          state,
          invitation,
          organizationName: organization.name,
          personName: displayNameOf(member),
          email: addressOf(member),
          roleNames: roles.filter(({ id }) => member.roleIds.includes(id)).map(({ name }) => name),
        }
      }),

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
      await tx.putMembership(accepted, member)
      return [
        accepted,
        { action: 'member.accepted', subject: member.id, detail: { invitationId: invitation.id, status: accepted.status } },
      ]
    }),
  }
}

/** Where a member is written to: the address that stands for them, else a user name that is one. */
const addressOf = (member: Membership): string | undefined =>
  emailOf(member) ?? (/^[^\s@]+@[^\s@]+$/.test(member.userName) ? member.userName : undefined)

/** Stores a new invitation with its mail inside a command that invites; answers the one copy of its token outside of the mail. */
export async function createInvitation(
  tx: Writer,
  call: Call,
  {
    id,
    mailId,
    member,
    mail,
    secret,
  }: {
    readonly id: string
    readonly mailId: string
    readonly member: Membership
    /** Kept, it is readable by the operator and goes nowhere. */
    readonly mail: 'send' | 'keep'
    readonly secret: string
  },
): Promise<{ readonly token: string; readonly fact: FactDraft }> {
  const invitation: Invitation = {
    id,
    organizationId: call.organizationId,
    membershipId: member.id,
    tokenHash: hashSecret(secret),
    createdAt: call.now,
    expiresAt: new Date(call.now.getTime() + invitationLifetimeMs),
    acceptedAt: undefined,
    cancelledAt: undefined,
  }
  await tx.putInvitation(invitation)
  await tx.putMail({
    id: mailId,
    organizationId: call.organizationId,
    invitationId: id,
    to: mail === 'keep' ? undefined : addressOf(member),
    token: secret,
    createdAt: call.now,
  })
  return {
    token: secret,
    fact: {
      action: 'invitation.created',
      subject: id,
      detail: { membershipId: member.id, expiresAt: invitation.expiresAt.toISOString() },
    },
  }
}
