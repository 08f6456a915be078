import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { readNumberedPage, toLinks } from '../paging.ts'
import { toAccount } from '../translate.ts'
import { createAccount, getAccount, listAccounts } from '../wire.ts'

const path = '/2010-04-01/Accounts.json'

/** Serves the subaccounts: the organization's workspaces. */
export function serveAccounts(mount: Mount<Call>, { directory }: ServeServices): void {
  const accountsOf = async (call: Call) => (await directory.listWorkspaces(call, undefined)).map(toAccount)

  mount(listAccounts, async (call, { query }) => {
    const { FriendlyName, Status } = query
    const page = readNumberedPage(query, { usual: 50, most: 1000 })
    const all = (await accountsOf(call)).filter(
      (account) =>
        (FriendlyName === undefined || account.friendly_name === FriendlyName) &&
        (Status === undefined || account.status === Status),
    )
    const accounts = all.slice(page.offset, page.offset + page.size)
    const next = page.offset + page.size < all.length ? 'number' : undefined
    const links = toLinks(page, { list: path, filters: { FriendlyName, Status }, next })
    return {
      value: {
        accounts,
        next_page_uri: links.next,
        first_page_uri: links.first,
        previous_page_uri: links.previous,
        uri: links.self,
        page: page.number,
        page_size: page.size,
        start: page.offset,
        end: Math.max(page.offset, page.offset + accounts.length - 1),
      },
    }
  })

  mount(createAccount, async (call, { body }) => {
    const name = body.FriendlyName?.trim() || usualName(call.now)
    return { value: toAccount(await directory.createWorkspace(call, { name })) }
  })

  mount(getAccount, async (call, { params }) => {
    const sid = /^(.*)\.json$/.exec(params['accountSid'] ?? '')?.[1]
    const account = (await accountsOf(call)).find((candidate) => candidate.sid === sid)
    if (!account) throw new DirectoryError('notFound', 'There is no such subaccount.', { field: 'accountSid' })
    return { value: account }
  })
}

/** What Twilio calls a subaccount that is given no name: "SubAccount Created at 2026-11-21 09:05 am". */
function usualName(now: Date): string {
  const [day = '', time = ''] = now.toISOString().split('T')
  const hour = now.getUTCHours()
  const shown = String(hour % 12 || 12).padStart(2, '0')
  return `SubAccount Created at ${day} ${shown}:${time.slice(3, 5)} ${hour < 12 ? 'am' : 'pm'}`
}
