import type { Call } from '../../../directory/call.ts'
import type { AccessEngine } from '../../../sync/access/engine.ts'
import { accessPosition, positionText, type AccessRow } from '../../../sync/access/row.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import { listAccess, sealAccess } from '../wire/access.ts'
import { pageOf } from './page.ts'

export function serveAccess(mount: Mount<Call>, engine: AccessEngine): void {
  mount(listAccess, async (call, { query }) => {
    const { at, cursor: _cursor, limit: _limit, ...filter } = query
    const value = await pageOf(
      query,
      { list: 'access', organizationId: call.organizationId, filter: { ...filter, at: at?.toISOString() } },
      {
        load: (after, limit) =>
          engine.listAccess(call, { filter, at, after: after === undefined ? undefined : accessPosition(after), limit }),
        positionOf: positionText,
        translate: toAccess,
      },
    )
    return { value }
  })
  mount(sealAccess, async (call, { body: { at, ...filter } }) => ({ value: await engine.sealAccess(call, { filter, at }) }))
}

export const toAccess = ({ account, why, ...row }: AccessRow): Value<(typeof listAccess)['reply']>['items'][number] => ({
  ...row,
  account: { ...account, roles: account.roles && [...account.roles] },
  why: [...why],
})
