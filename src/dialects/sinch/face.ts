import { DirectoryError } from '../../directory/errors.ts'
import { fromHex, toHex } from '../../directory/id.ts'
import type { ScimFace } from '../scim/face.ts'
import { plainIds } from '../scim/ids.ts'
import { scimPath } from './credentials.ts'
import { fromUserId, toUserId } from './translate.ts'

/** The part of the SCIM URL that is issued to a customer, and back. */
export const toCustomer = (organizationId: string): string => `cus_${toHex(organizationId)}`
const fromCustomer = (text: string): string | undefined => (text.startsWith('cus_') ? fromHex(text.slice(4)) : undefined)

/**
 * SCIM at the customer's own URL: create, update, deactivate and list users (SNCH-36), no groups (SNCH-40). A URL that was not issued to the token's
 * customer leads nowhere, and none is issued without Enterprise and single sign-on with Okta or Entra ID.
 */
export const face: ScimFace = {
  prefix: `${scimPath}/:customer`,
  users: ['list', 'create', 'read', 'replace', 'patch', 'delete'],
  groups: [],
  discovery: ['ServiceProviderConfig', 'Schemas', 'ResourceTypes'],
  ids: { ...plainIds, toUser: toUserId, fromUser: fromUserId },
  entry: 'active',
  sessionsOnSuspend: 'end',
  admit: async (call, { params }, { directory }) => {
    if (fromCustomer(params['customer'] ?? '') !== call.organizationId)
      throw new DirectoryError(
        'foreign',
        'This SCIM URL was not issued to the customer whose token came. Use the one that came with the token.',
      )
    const { plan, sso } = await directory.getOrganization(call, {})
    if (plan !== 'enterprise') throw new DirectoryError('planGate', 'SCIM needs the Enterprise plan.')
    if (sso !== 'okta' && sso !== 'entra')
      throw new DirectoryError('ssoGate', 'SCIM needs single sign-on with Okta or Microsoft Entra ID to be configured first.')
  },
}
