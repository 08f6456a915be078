import type { Call } from '../../directory/call.ts'
import { scopes } from '../../directory/credential.ts'
import type { Directory } from '../../directory/directory.ts'
import { DirectoryError } from '../../directory/errors.ts'

/** The organization that holds what test keys see: the same id, but of UUID version 8 where ours are of version 7. */
export const testOrganizationId = (organizationId: string): string => `${organizationId.slice(0, 14)}8${organizationId.slice(15)}`

/**
 * The call on the test data of its organization. The test data begin empty, with the starting roles, when a test key first comes; nothing there
 * is seen by a live key or a SCIM token, and nothing of theirs is seen there.
 */
export async function onTestData(directory: Directory, call: Call): Promise<Call> {
  const organizationId = testOrganizationId(call.organizationId)
  const system: Call = { ...call, organizationId, actor: 'system:messagebird', scopes: new Set(scopes), idempotency: undefined }
  if (!(await exists(directory, system))) {
    const live = await directory.getOrganization({ ...system, organizationId: call.organizationId }, undefined)
    const { name, plan, sso, emailDomains } = live
    await directory
      .createOrganization(system, { name: `${name.slice(0, 180)} (test data)`, plan, sso, emailDomains, credentials: [] })
      .catch(ignoreConflict)
  }
  return { ...call, organizationId }
}

async function exists(directory: Directory, call: Call): Promise<boolean> {
  try {
    await directory.getOrganization(call, undefined)
    return true
  } catch (error) {
    if (error instanceof DirectoryError && error.refusal === 'notFound') return false
    throw error
  }
}

/** Another first request with a test key was quicker. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof DirectoryError && error.refusal === 'conflict')) throw error
}
