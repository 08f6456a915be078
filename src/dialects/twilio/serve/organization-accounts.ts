import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { checkOrganization } from '../gate.ts'
import { readNumberedPage, toMeta } from '../paging.ts'
import { toSid } from '../sid.ts'
import { toOrganizationAccount } from '../translate.ts'
import { getOrganizationAccount, listOrganizationAccounts } from '../wire-public.ts'

/** Serves the accounts of the organization, the main one first, as the public API lists them. */
export function serveOrganizationAccounts(mount: Mount<Call>, { directory, baseUrlOf }: ServeServices): void {
  const accountsOf = async (call: Call) => [
    toOrganizationAccount(await directory.getOrganization(call, undefined)),
    ...(await directory.listWorkspaces(call, undefined)).map(toOrganizationAccount),
  ]

  mount(listOrganizationAccounts, async (call, { params, query }) => {
    checkOrganization(call, params)
    const page = readNumberedPage(query, { usual: 50, most: 100 })
    const all = await accountsOf(call)
    const list = `${baseUrlOf(call)}/Organizations/${toSid('OR', call.organizationId)}/Accounts`
    const next = page.offset + page.size < all.length ? 'number' : undefined
    return {
      value: {
        content: all.slice(page.offset, page.offset + page.size),
        meta: toMeta(page, { key: 'content', list, next }),
      },
    }
  })

  mount(getOrganizationAccount, async (call, { params }) => {
    checkOrganization(call, params)
    const account = (await accountsOf(call)).find(({ account_sid: sid }) => sid === params['accountSid'])
    if (!account) throw new DirectoryError('notFound', 'There is no such account in this organization.', { field: 'accountSid' })
    return { value: account }
  })
}
