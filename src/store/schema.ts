import type { Refusal } from '../directory/errors.ts'
import type { FactAction } from '../directory/fact.ts'
import type { MailState } from '../directory/mail.ts'
import type { MemberStatus } from '../directory/membership.ts'
import type { PlanTier, SsoProvider } from '../directory/organization.ts'
import type { DeliveryState, WebhookFormat } from '../directory/webhook.ts'
import type { LedgerSchema } from './ledger/schema.ts'

/** A value as both databases bind and return it. Dates are milliseconds since 1970, booleans 0 or 1, JSON is text. */
export type Value = string | number | null

export interface Owned {
  readonly organization_id: string
}

export interface OrganizationRow {
  readonly id: string
  readonly name: string
  readonly plan: PlanTier
  readonly sso: SsoProvider
  readonly email_domains: string
  readonly created_at: number
  readonly updated_at: number
  readonly extensions_revision: number
}

export interface WorkspaceRow extends Owned {
  readonly id: string
  readonly name: string
  readonly created_at: number
}

export interface RoleRow extends Owned {
  readonly id: string
  readonly workspace_id: string | null
  readonly name: string
  readonly owner: number
  readonly created_at: number
}

export interface PersonRow {
  readonly id: string
  readonly created_at: number
}

export interface MembershipRow extends Owned {
  readonly id: string
  readonly person_id: string
  readonly user_name: string
  readonly user_name_key: string
  readonly email_key: string | null
  readonly external_id: string | null
  readonly status: MemberStatus
  readonly label: string
  readonly role_ids: string
  readonly profile: string
  /** See MembershipText (directory/membership.ts). */
  readonly attribute_names: string | null
  readonly accepted_at: number | null
  readonly created_at: number
  readonly updated_at: number
  readonly version: number
  /** See search-document.ts. */
  readonly search: string
}

export interface MembershipRoleRow extends Owned {
  readonly role_id: string
  readonly membership_id: string
}

/** An address beside the one in `memberships.email_key`; see member-emails.ts. */
export interface MemberEmailRow extends Owned {
  readonly value_key: string
  readonly membership_id: string
}

/** See blocks.ts. */
export interface MembershipBlockRow extends Owned {
  readonly first_id: string
  readonly members: number
}

export interface TombstoneRow extends Owned {
  readonly membership_id: string
  readonly person_id: string
  readonly user_name: string
  readonly removed_at: number
  readonly external_id: string | null
}

export interface GroupRow extends Owned {
  readonly id: string
  readonly display_name: string
  readonly display_name_key: string
  readonly external_id: string | null
  readonly role_ids: string
  readonly attributes: string
  readonly created_at: number
  readonly updated_at: number
  readonly version: number
  readonly search: string
  /** 1 where the group is in another one, kept by nested-groups.ts: of people whose groups have 0, nothing further is read. */
  readonly nested: number
}

export interface GroupMemberRow extends Owned {
  readonly group_id: string
  readonly membership_id: string
}

export interface GroupGroupRow extends Owned {
  readonly parent_id: string
  readonly child_id: string
}

export interface InvitationRow extends Owned {
  readonly id: string
  readonly membership_id: string
  readonly token_hash: string
  readonly created_at: number
  readonly expires_at: number
  readonly accepted_at: number | null
  readonly cancelled_at: number | null
}

export interface SessionRow extends Owned {
  readonly id: string
  readonly membership_id: string
  readonly started_at: number
  readonly ended_at: number | null
}

export interface CredentialRow extends Owned {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly identifier: string
  readonly secret_hash: string
  readonly scopes: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
  readonly revoked_at: number | null
  readonly workspace_id: string | null
  readonly connection_id: string | null
  readonly assertion: string | null
  readonly expiry_told_at: number | null
}

export interface TakenAssertionRow extends Owned {
  readonly credential_id: string
  readonly id: string
  readonly expires_at: number
}

export interface FactRow extends Owned {
  readonly sequence: number
  readonly at: number
  readonly actor: string
  readonly via: string
  readonly request_id: string
  readonly action: FactAction
  readonly subject: string
  readonly detail: string
  readonly previous_hash: string
  readonly hash: string
}

export interface ChainHeadRow extends Owned {
  readonly sequence: number
  readonly hash: string
}

export interface CheckpointRow {
  readonly organization_id: string
  readonly number: number
  readonly sequence: number
  /** The signed text. */
  readonly content: string
}

export interface SavedResultRow extends Owned {
  readonly actor: string
  /** Hex SHA-256 of the key: what a caller sends may be longer than an index takes. */
  readonly key_hash: string
  readonly fingerprint: string
  readonly sealed: string
  readonly at: number
}

export interface MailRow extends Owned {
  readonly id: string
  readonly invitation_id: string
  readonly recipient: string | null
  /** Null once the mail is settled. */
  readonly sealed_token: string | null
  readonly state: MailState
  readonly attempts: number
  readonly reason: string | null
  readonly created_at: number
  readonly due_at: number | null
  readonly lease_until: number | null
  readonly holder: string | null
  readonly fence: number
  readonly settled_at: number | null
}

export interface ExplanationRow {
  readonly id: string
  readonly request_id: string
  readonly organization_id: string | null
  readonly at: number
  readonly dialect: string
  readonly operation: string | null
  readonly refusal: Refusal | 'internal'
  readonly field: string | null
  readonly code: string | null
  readonly message: string
}

export interface EventReceiverRow extends Owned {
  readonly id: string
  readonly position: number
  /** Sequences, JSON. */
  readonly taken: string
}

export interface WebhookRow extends Owned {
  readonly id: string
  readonly format: WebhookFormat
  readonly url: string
  readonly actions: string | null
  readonly enabled: number
  readonly disabled_reason: string | null
  readonly position: number
  readonly failures: number
  readonly failing_since: number | null
  readonly resume_at: number | null
  readonly last_delivered_at: number | null
  readonly previous_secret_until: number | null
  readonly created_at: number
  readonly updated_at: number
  readonly sealed_secret: string
  readonly sealed_previous: string | null
  /** When it was last claimed. */
  readonly worked_at: number
  readonly lease_until: number | null
  readonly holder: string | null
  readonly fence: number
}

export interface DeliveryRow extends Owned {
  readonly webhook_id: string
  readonly sequence: number
  readonly message_id: string
  readonly action: FactAction
  readonly at: number
  readonly state: DeliveryState
  readonly attempts: number
  readonly due_at: number | null
  readonly reason: string | null
  readonly settled_at: number | null
}

/** A key that a waiting delivery has: none that is later and shares it is tried. */
export interface DeliveryHoldRow extends Owned {
  readonly webhook_id: string
  readonly key: string
  readonly sequence: number
}

/** A thing of a kind that a dialect defines. */
export interface ResourceRow extends Owned {
  readonly kind: string
  readonly id: string
  readonly content: string
  readonly created_at: number
  readonly updated_at: number
  readonly version: number
  readonly search: string
}

/** A value that no other resource of the kind may have. */
export interface ResourceKeyRow extends Owned {
  readonly kind: string
  readonly name: string
  readonly value: string
  readonly resource_id: string
}

/** What an organization defines beyond the RFC; `content` is all of the definition. */
export interface ExtensionRow extends Owned {
  readonly id: string
  readonly content: string
  readonly created_at: number
  readonly updated_at: number
  readonly version: number
}

/** A value of an extension that nobody else may have, and who has it: a member or a group. */
export interface ExtensionKeyRow extends Owned {
  readonly extension_id: string
  readonly attribute: string
  readonly digest: string
  readonly membership_id: string | null
  readonly group_id: string | null
}

export interface MigrationRow {
  readonly number: number
  readonly name: string
  readonly applied_at: string
}

export interface Schema extends LedgerSchema {
  readonly organizations: OrganizationRow
  readonly workspaces: WorkspaceRow
  readonly roles: RoleRow
  readonly persons: PersonRow
  readonly memberships: MembershipRow
  readonly membership_roles: MembershipRoleRow
  readonly member_emails: MemberEmailRow
  readonly membership_blocks: MembershipBlockRow
  readonly tombstones: TombstoneRow
  readonly groups: GroupRow
  readonly group_members: GroupMemberRow
  readonly group_groups: GroupGroupRow
  readonly invitations: InvitationRow
  readonly sessions: SessionRow
  readonly credentials: CredentialRow
  readonly taken_assertions: TakenAssertionRow
  readonly facts: FactRow
  readonly chain_heads: ChainHeadRow
  readonly checkpoints: CheckpointRow
  readonly saved_results: SavedResultRow
  readonly mails: MailRow
  readonly explanations: ExplanationRow
  readonly event_receivers: EventReceiverRow
  readonly webhooks: WebhookRow
  readonly deliveries: DeliveryRow
  readonly delivery_holds: DeliveryHoldRow
  readonly resources: ResourceRow
  readonly resource_keys: ResourceKeyRow
  readonly extensions: ExtensionRow
  readonly extension_keys: ExtensionKeyRow
  readonly migrations: MigrationRow
}
