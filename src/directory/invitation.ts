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

export function invitationState(invitation: Invitation, now: Date): InvitationState {
  if (invitation.cancelledAt) return 'cancelled'
  if (invitation.acceptedAt) return 'accepted'
  return invitation.expiresAt <= now ? 'expired' : 'pending'
}
