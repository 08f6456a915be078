import type { Json } from '../../directory/json.ts'
import type { Assignment, PolicyChange } from '../connection.ts'

/** What a file says should stand. What it does not name is left as it is. */
export interface Configuration {
  readonly version: 1
  /** Name or id. */
  readonly organization?: string
  readonly defaults?: NamedPolicy
  /** By the vendor's name. */
  readonly vendors?: Readonly<Record<string, NamedPolicy>>
  readonly connections?: Readonly<Record<string, ConnectionEntry>>
  readonly webhooks?: Readonly<Record<string, WebhookEntry>>
}

export type NamedPolicy = Omit<PolicyChange, 'onLeave'>

export interface ConnectionEntry {
  readonly vendor: string
  readonly baseUrl?: string
  /** As the vendor wants them, references resolved; never stored but sealed. */
  readonly credentials?: Readonly<Record<string, Json>>
  readonly writesEnabled?: boolean
  readonly assign?: Assign
  readonly policy?: NamedPolicy
}

/** Groups by displayName, members by userName. */
export type Assign = 'everyone' | { readonly groups?: readonly string[]; readonly members?: readonly string[] }

export interface WebhookEntry {
  readonly url: string
  readonly actions?: readonly string[]
  readonly enabled?: boolean
}

/** What a file names of one connection, with the ids of whom it assigns. */
export interface NamedConnection {
  readonly name: string
  readonly vendor: string
  readonly baseUrl?: string
  readonly writesEnabled?: boolean
  readonly policy: NamedPolicy
  readonly assign?: Assign
  /** Absent where nobody is named, or somebody who is named is not here. */
  readonly assignments?: readonly Assignment[]
}

export interface NamedWebhook extends WebhookEntry {
  readonly name: string
}

/** What was applied last to an organization: one file each. */
export interface AppliedConfiguration {
  readonly organizationId: string
  /** The file's name, without its folder. */
  readonly file: string
  /** Hex SHA-256 over the configuration without credentials. */
  readonly digest: string
  readonly appliedAt: Date
  readonly appliedBy: string
  /** Without credentials. */
  readonly configuration: Configuration
  /** `sealedCredentials` are those that the file gave last; where the connection has others, they were changed by other means since. */
  readonly connections: readonly (NamedConnection & {
    readonly sealedCredentials?: string
    /** Who was assigned when it was applied, where somebody whom it names was not here: it is done as it says when they come. */
    readonly waitsFrom?: readonly Assignment[]
  })[]
  readonly webhooks: readonly (NamedWebhook & { readonly id: string })[]
  /** What could not be made to stand. */
  readonly kept: readonly Difference[]
}

/** One setting that the file names and that stands otherwise. */
export interface Difference {
  /** Such as `connections.desk.policy.quorum`; of a connection or webhook that is not there, its own. */
  readonly path: string
  readonly named?: Json
  readonly stands?: Json
  /** What the values do not say; of credentials, all that is said. */
  readonly note?: string
  /** Applying the file leaves it as it stands, for the reason in `note`. */
  readonly kept: boolean
}

/** By which file a connection is managed, and which of the settings that it names stand otherwise. */
export interface ManagedBy {
  readonly file: string
  readonly appliedAt: Date
  /** Paths below the connection, such as `policy.quorum`. */
  readonly drift: readonly string[]
}

export interface ConfigurationLedgerReader {
  configuration(organizationId: string): Promise<AppliedConfiguration | undefined>
}

export interface ConfigurationLedgerWriter {
  putConfiguration(configuration: AppliedConfiguration): Promise<void>
}
