import { query, type Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import { createSignedLines, type SealedEnds } from '../signed-lines.ts'
import { accessNow } from './now.ts'
import { createPast } from './past.ts'
import type { AccessFilter, AccessPosition, AccessRow } from './row.ts'

/** Now needs the scope `read`; a past time, which the facts tell, and a signature need `audit`. */
export interface AccessEngine {
  /** Who has access to what, now or, with `at`, at a past time; in an order that stays, so that `after` walks on. */
  listAccess(
    call: Call,
    input: AskedAccess & { readonly after?: AccessPosition | undefined; readonly limit: number },
  ): Promise<readonly AccessRow[]>
  /** The first and the last line of a signed document whose lines between are the rows, as canonical JSON, that `listAccess` answers meanwhile. */
  sealAccess(call: Call, input: AskedAccess): Promise<SealedEnds>
}

export interface AskedAccess {
  readonly filter: AccessFilter
  readonly at?: Date | undefined
}

export function createAccess(parts: SyncParts): AccessEngine {
  const past = createPast(parts)
  const walk = (call: Call, { filter, at, after }: AskedAccess & { readonly after?: AccessPosition | undefined }) =>
    at === undefined ? accessNow(parts, call, { filter, after }) : past.rows(call, { at, filter, after })
  const permit = async (call: Call, scope: 'read' | 'audit', at: Date | undefined) => {
    await query(parts.ledger, scope, async () => undefined)(call, undefined)
    if (at !== undefined && at > parts.clock())
      throw new DirectoryError('invalid', 'That time is not past yet. Leave it out to ask for now.', { field: 'at' })
  }
  return {
    listAccess: async (call, input) => {
      await permit(call, input.at === undefined ? 'read' : 'audit', input.at)
      const rows: AccessRow[] = []
      for await (const row of walk(call, input)) {
        rows.push(row)
        if (rows.length === input.limit) break
      }
      return rows
    },
    sealAccess: async (call, input) => {
      await permit(call, 'audit', input.at)
      const own = systemCall(parts, call.organizationId)
      const { id, name } = await parts.directory.getOrganization(own, undefined)
      const { sequence, hash } = await parts.directory.chainHead(own, undefined)
      const now = parts.clock().toISOString()
      const document = createSignedLines(
        {
          kind: 'rollcall.access',
          version: 1,
          organization: { id, name },
          at: input.at?.toISOString() ?? now,
          source: input.at ? 'facts' : 'ledger',
          filter: { ...input.filter },
          chain: { sequence, hash },
          issuedAt: now,
          issuedTo: call.actor,
        },
        parts.signer,
      )
      for await (const row of walk(call, input)) document.add(row)
      return document.end()
    },
  }
}
