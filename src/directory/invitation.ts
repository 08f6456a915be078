/** The one way from invited to active. The token itself is handed out once and only its hash is kept. */
export interface Invitation {
  readonly id: string
  readonly organizationId: string
  readonly membershipId: string
  readonly tokenHash: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly acceptedAt: Date | undefined
  readonly cancelledAt: Date | undefined
}

export type InvitationState = 'pending' | 'accepted' | 'cancelled' | 'expired'

/** What the holder of a token may know: nothing of an invitation that has ended. */
export type OpenedInvitation =
  | { readonly state: 'unknown' | Exclude<InvitationState, 'pending'> }
  | {
      readonly state: 'pending'
      readonly invitation: Invitation
      readonly organizationName: string
      readonly personName: string
      readonly email: string | undefined
      readonly roleNames: readonly string[]
    }

export function invitationState(invitation: Invitation, now: Date): InvitationState {
  if (invitation.cancelledAt) return 'cancelled'
  if (invitation.acceptedAt) return 'accepted'
  return invitation.expiresAt <= now ? 'expired' : 'pending'
}
