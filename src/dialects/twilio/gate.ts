import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { ServeServices } from '../dialect.ts'
import { fromSid, toSid } from './sid.ts'

/** Refuses what is no organization SID, such as an account's (TWIL-04), and the SID of another organization, whether there is one or not. */
export function checkOrganization(call: Call, params: Readonly<Record<string, string>>): void {
  const sid = params['organizationSid'] ?? ''
  if (sid === toSid('OR', call.organizationId)) return
  if (fromSid('OR', sid) === undefined)
    throw new DirectoryError('notFound', 'There is no such organization. Use the organization SID, which begins with OR.', {
      field: 'organizationSid',
    })
  throw new DirectoryError('foreign', 'There is no such organization. Use the organization SID, which begins with OR.', {
    field: 'organizationSid',
  })
}

/** SCIM is for Enterprise organizations with single sign-on configured (TWIL-37, TWIL-38). */
export async function checkScimOffered(call: Call, { directory }: Pick<ServeServices, 'directory'>): Promise<void> {
  const { plan, sso } = await directory.getOrganization(call, undefined)
  if (plan !== 'enterprise')
    throw new DirectoryError('planGate', 'SCIM needs an Enterprise plan with the SSO add-on. Ask for the plan to be changed.')
  if (sso === 'none')
    throw new DirectoryError('ssoGate', 'Single sign-on is not configured. Configure it before SCIM provisioning.')
}
