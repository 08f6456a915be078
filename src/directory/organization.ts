import { DirectoryError } from './errors.ts'

export const plans = ['free', 'starter', 'pro', 'enterprise'] as const
export type PlanTier = (typeof plans)[number]
export const ssoProviders = ['none', 'okta', 'entra', 'onelogin'] as const
export type SsoProvider = (typeof ssoProviders)[number]

/** A tenant. Everything else belongs to one. */
export interface Organization {
  readonly id: string
  readonly name: string
  readonly plan: PlanTier
  readonly sso: SsoProvider
  /** Lower-case domains that a member's e-mail may have; empty allows every domain. */
  readonly emailDomains: readonly string[]
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Counts the changes of its extensions (extension.ts); absent where it never had one. */
  readonly extensionsRevision?: number
}

export type OrganizationInput = Pick<Organization, 'name' | 'plan' | 'sso' | 'emailDomains'>

/** A part of an organization with roles of its own (a vendor's project, workspace or subaccount). */
export interface Workspace {
  readonly id: string
  readonly organizationId: string
  readonly name: string
  readonly createdAt: Date
}

export function checkOrganization(input: OrganizationInput): OrganizationInput {
  const name = input.name.trim()
  if (!name || name.length > 200)
    throw new DirectoryError('invalid', 'Give the organization a name of 1 to 200 characters.', { field: 'name' })
  const emailDomains = input.emailDomains.map((domain) => domain.trim().toLowerCase())
  for (const domain of emailDomains)
    if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain))
      throw new DirectoryError('invalid', `"${domain}" is not a domain name such as example.com.`, { field: 'emailDomains' })
  return { ...input, name, emailDomains }
}
