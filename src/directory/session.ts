/** A signed-in person, as far as this installation is told. Ended, never deleted. */
export interface Session {
  readonly id: string
  readonly organizationId: string
  readonly membershipId: string
  readonly startedAt: Date
  readonly endedAt: Date | undefined
}
