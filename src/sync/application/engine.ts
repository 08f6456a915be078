import type { Call } from '../../directory/call.ts'
import type { Membership } from '../../directory/membership.ts'

/** A connection as an application that an identity provider assigns people to. */
export interface Application {
  readonly connectionId: string
  readonly name: string
  readonly vendor: string
  /** Whom the connection is for, as its assignments have it. */
  readonly everyone: boolean
  readonly groupIds: readonly string[]
  readonly membershipIds: readonly string[]
  /** The group of those whom the provider assigned; undefined until it assigned somebody. It is one of `groupIds` unless an operator took it out. */
  readonly ownGroupId: string | undefined
}

/** How it stands with somebody's account at the vendor. `waitingForPerson`: the vendor's API cannot do it, somebody has to. */
export type ProvisioningState = 'done' | 'pending' | 'failed' | 'waitingForApproval' | 'waitingForPerson'

export interface Provisioning {
  readonly state: ProvisioningState
  /** Why, as a sentence part; undefined where there is nothing to say. */
  readonly detail: string | undefined
  /** Where the vendor, or a rule of matching, refused; a step that fails otherwise has none. */
  readonly refused?: { readonly status: number; readonly retryAt: Date | undefined }
}

/** Connections as applications of their own, for the SCIM address of each. */
export interface ApplicationEngine {
  /** Refuses as `notFound` what is no connection of the organization. */
  getApplication(call: Call, input: { readonly connectionId: string }): Promise<Application>
  /** Assigns a member to the connection, in the application's own group. Done already, it changes nothing. */
  assignToApplication(call: Call, input: { readonly connectionId: string; readonly membershipId: string }): Promise<void>
  /** Takes a member out of the application's own group; who is assigned otherwise stays assigned. */
  unassignFromApplication(call: Call, input: { readonly connectionId: string; readonly membershipId: string }): Promise<void>
  /** How it stands with each member, by membership id. */
  provisionings(
    call: Call,
    input: { readonly connectionId: string; readonly members: readonly Membership[] },
  ): Promise<ReadonlyMap<string, Provisioning>>
  /** Has what the vendor refused for this member tried again, since whoever asked for it asks again. */
  retrySteps(call: Call, input: { readonly connectionId: string; readonly membershipId: string }): Promise<void>
  /** Waits until what a change causes at the vendor has ended, or waits for somebody, or the time is over. Calls no vendor itself: whichever process runs the work does. */
  awaitProvisioning(
    call: Call,
    input: {
      readonly connectionId: string
      readonly membershipId: string
      /** When the change was made. */
      readonly since: Date
      readonly waitMs: number
    },
  ): Promise<Provisioning>
}
