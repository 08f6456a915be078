import { sql, type RawBuilder } from 'kysely'
import type { Executor } from './executor.ts'
import { putRow } from './rows.ts'
import { statement } from './statement.ts'

// The people of an organization in the order of their ids, counted in blocks: a block begins at an id and ends where the next one begins. So how many
// there are is a sum over the blocks, and a position is found by skipping blocks and then at most one block's people.

interface Owned {
  readonly organization_id: string
}
type AtId = Owned & { readonly id: string }

/** How many people a block has before it is divided; migration 5 counts by the same number. */
const fullBlock = 1_000

const total = statement((db, p: Owned) =>
  db
    .selectFrom('membership_blocks')
    .select(sql<number>`cast(coalesce(sum(members), 0) as bigint)`.as('total'))
    .where('organization_id', '=', p.organization_id),
)
const allBlocks = statement((db, p: Owned) =>
  db
    .selectFrom('membership_blocks')
    .select(['first_id', 'members'])
    .where('organization_id', '=', p.organization_id)
    .orderBy('first_id'),
)

/** Where the block begins that an id falls into; null for an id before every block. */
const startOf = (p: AtId): RawBuilder<string> =>
  sql`(select max(first_id) from membership_blocks where organization_id = ${p.organization_id} and first_id <= ${p.id})`
const grow = statement((db, p: AtId) =>
  db
    .updateTable('membership_blocks')
    .set({ members: sql`members + 1` })
    .where('organization_id', '=', p.organization_id)
    .where('first_id', '=', startOf(p))
    .where('members', '<', fullBlock),
)
const shrink = statement((db, p: AtId) =>
  db
    .updateTable('membership_blocks')
    .set({ members: sql`members - 1` })
    .where('organization_id', '=', p.organization_id)
    .where('first_id', '=', startOf(p))
    .where('members', '>', 1),
)
const drop = statement((db, p: AtId) =>
  db
    .deleteFrom('membership_blocks')
    .where('organization_id', '=', p.organization_id)
    .where('first_id', '=', startOf(p))
    .where('members', '=', 1),
)

const blockOf = statement((db, p: AtId) =>
  db
    .selectFrom('membership_blocks')
    .select(['first_id', 'members'])
    .where('organization_id', '=', p.organization_id)
    .where('first_id', '=', startOf(p)),
)
const startOfNext = statement((db, p: AtId) =>
  db
    .selectFrom('membership_blocks')
    .select('first_id')
    .where('organization_id', '=', p.organization_id)
    .where('first_id', '>', p.id)
    .orderBy('first_id')
    .limit(1),
)
const countBetween = statement((db, p: AtId & { readonly end: string }) =>
  db
    .selectFrom('memberships')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('organization_id', '=', p.organization_id)
    .where('id', '>=', p.id)
    .where('id', '<', p.end),
)
/** Compares as greater than every id. */
const behindEveryId = '\u{10ffff}'
const putBlock = putRow('membership_blocks', { key: ['organization_id', 'first_id'], rest: ['members'] })

/** How many people the organization has. */
export async function countPeople(executor: Executor, organizationId: string): Promise<number> {
  return (await executor.first(total, { organization_id: organizationId }))?.total ?? 0
}

/** Where to begin for a position counted from 0: at this id, leaving out so many. Undefined behind the end. */
export async function findPosition(
  executor: Executor,
  organizationId: string,
  position: number,
): Promise<{ readonly from: string; readonly offset: number } | undefined> {
  let before = 0
  for (const { first_id, members } of await executor.all(allBlocks, { organization_id: organizationId })) {
    if (before + members > position) return { from: first_id, offset: position - before }
    before += members
  }
  return undefined
}

/** Counts somebody who was just put in. */
export async function countIn(executor: Executor, organizationId: string, id: string): Promise<void> {
  const at = { organization_id: organizationId, id }
  if ((await executor.run(grow, at)) > 0) return
  const put = (first_id: string, members: number) =>
    executor.run(putBlock, { organization_id: organizationId, first_id, members })
  const full = await executor.first(blockOf, at)
  if (!full) return void (await put(id, 1))
  const end = (await executor.first(startOfNext, at))?.first_id ?? behindEveryId
  const moved = (await executor.first(countBetween, { ...at, end }))?.count ?? 0
  await put(full.first_id, full.members + 1 - moved)
  await put(id, moved)
}

/** Counts somebody who was just taken out. */
export async function countOut(executor: Executor, organizationId: string, id: string): Promise<void> {
  const at = { organization_id: organizationId, id }
  if ((await executor.run(shrink, at)) === 0) await executor.run(drop, at)
}
