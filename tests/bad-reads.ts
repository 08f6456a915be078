import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { seededRandom } from '../src/twin/random.ts'
import type { Account, AccountPage } from '../src/sync/vendor.ts'
import { failure, type MemoryVendor } from './memory-vendor.ts'
import { openSyncWorld, type SyncWorld } from './sync.ts'

type Listing = NonNullable<MemoryVendor['listing']>

interface Dice {
  /** A whole number from 0 and below `under`. */
  readonly below: (under: number) => number
}

const pagesOf = (accounts: readonly Account[], size: number, total: number | undefined): readonly AccountPage[] =>
  Array.from({ length: Math.max(1, Math.ceil(accounts.length / size)) }, (_, index) => ({
    accounts: accounts.slice(index * size, (index + 1) * size),
    declaredTotal: total,
  }))

/** What a vendor that is ill shows; each hides or doubles somebody who is there, or says what cannot be. */
const illnesses: Readonly<Record<string, (vendor: MemoryVendor, dice: Dice) => Listing>> = {
  empty: () => () => [{ accounts: [], declaredTotal: undefined }],
  emptyAndSaysSo: () => () => [{ accounts: [], declaredTotal: 0 }],
  emptyWithTotal: () => (all) => [{ accounts: [], declaredTotal: all.length }],
  emptyAndDenied: (vendor) => {
    for (const id of vendor.accounts.keys()) vendor.denied.add(id)
    return () => [{ accounts: [], declaredTotal: 0 }]
  },
  short: (vendor, dice) => {
    const kept = 1 + dice.below(vendor.accounts.size - 1)
    return (all) => pagesOf(all.slice(0, Math.min(kept, all.length - 1)), 7, undefined)
  },
  shortWithTotal: (vendor, dice) => {
    const kept = 1 + dice.below(vendor.accounts.size - 1)
    return (all) => pagesOf(all.slice(0, Math.min(kept, all.length - 1)), 7, all.length)
  },
  lacksSome: (_vendor, dice) => {
    const step = 2 + dice.below(5)
    return (all) =>
      pagesOf(
        all.filter((_, index) => index % step !== 0),
        5,
        undefined,
      )
  },
  repeatedPages: () => (all) => {
    const [first] = pagesOf(all, 5, undefined)
    return first ? [first, first, first] : []
  },
  repeatedIds: (_vendor, dice) => {
    const again = 1 + dice.below(3)
    return (all) => pagesOf([...all, ...all.slice(0, again)], 6, undefined)
  },
  alternating: () => (all, walk) =>
    pagesOf(
      all.filter((_, index) => index > 0 && index % 2 === walk % 2),
      4,
      undefined,
    ),
  wrongTotal: (_vendor, dice) => {
    const more = 1 + dice.below(9)
    return (all) => pagesOf(all, 6, all.length + more)
  },
  smallerTotal: () => (all) => pagesOf(all, 6, all.length - 1),
  breaksOff: () => {
    function* pages(all: readonly Account[]): Generator<AccountPage> {
      yield* pagesOf(all.slice(0, Math.ceil(all.length / 2)), 4, undefined)
      throw failure(500, 'none')
    }
    return pages
  },
  // What the wire makes of a redirect: it follows none (src/wire/call.ts).
  redirected: () => () => {
    throw failure(302, 'none')
  },
}

/**
 * Lets a vendor show so many bad reads, one after another, while somebody has left and the removal is approved, and somebody joins. Nobody is removed on a bad
 * read, an alarm stands, the joiner gets their account; after a good read the one who left goes, and nobody else.
 */
export async function showBadReads(t: TestContext, count: number, seed = 1): Promise<void> {
  const random = seededRandom(seed)
  const dice: Dice = { below: (under) => Math.floor(random() * under) }
  const names = Object.keys(illnesses)
  const told = new Map<string, number>()
  let world: SyncWorld | undefined
  const members: string[] = []
  for (let index = 0; index < count; index++) {
    const round = index / names.length
    if (!world || Number.isInteger(round)) world = await openCrowd(t, members, round % 2 === 0 ? 'cut' : 'whole')
    const name = names[index % names.length] ?? 'empty'
    await showOne(world, members, { name, dice, index })
    told.set(name, (told.get(name) ?? 0) + 1)
  }
  t.diagnostic([...told].map(([name, times]) => `${name} ${times}`).join(', '))
}

async function openCrowd(t: TestContext, members: string[], list: 'cut' | 'whole'): Promise<SyncWorld> {
  const world = await openSyncWorld(t, list === 'cut' ? { paging: 'offset' } : {})
  await world.connect()
  members.length = 0
  for (let index = 0; index < 24; index++) members.push((await world.join(`person${index}`)).id)
  await world.settle()
  return world
}

async function showOne(
  world: SyncWorld,
  members: string[],
  { name, dice, index }: { readonly name: string; readonly dice: Dice; readonly index: number },
): Promise<void> {
  const { vendor } = world
  const ill = `${name} (case ${index})`
  const [leaver] = members.splice(dice.below(members.length), 1)
  assert.ok(leaver)
  const isPlannedBefore = dice.below(2) === 0
  if (isPlannedBefore) {
    await world.leave(leaver)
    await world.settle()
  }
  const before = new Set(vendor.accounts.keys())
  vendor.writes.length = 0
  vendor.listing = illnesses[name]?.(vendor, dice)
  await world.time.advance(6 * 60_000)
  if (!isPlannedBefore) await world.leave(leaver)
  members.push((await world.join(`joiner${index}`)).id)
  await world.settle()
  await approveAll(world)
  await world.pass(2)
  const changes = vendor.writes.filter(({ operation }) => operation !== 'create')
  assert.deepEqual(changes, [], `${ill}: something was taken away`)
  assert.ok([...before].every((id) => vendor.accounts.has(id)))
  assert.equal(vendor.writes.length, 1, `${ill}: the joiner waits`)
  assert.deepEqual(await alarms(world), ['badRead'], `${ill}: no alarm`)

  vendor.listing = undefined
  vendor.denied.clear()
  await world.pass(2)
  await approveAll(world)
  await world.pass(2)
  assert.deepEqual(await alarms(world), [], `${ill}: the alarm stays`)
  assert.deepEqual(
    vendor.writes.map(({ operation }) => operation),
    ['create', 'remove'],
    ill,
  )
  assert.equal(vendor.accounts.size, 24)
}

async function approveAll(world: SyncWorld): Promise<void> {
  const boss = world.by('boss')
  for (const { id, digest, removals } of await world.engine.listPlans(boss, { state: 'open', limit: 10 })) {
    const { standing } = await world.engine.getPlan(boss, { id })
    if (standing?.decision === 'waits') await world.engine.approvePlan(boss, { id, digest, removals, reason: 'left' })
  }
  await world.settle()
}

const alarms = async (world: SyncWorld): Promise<readonly string[]> =>
  (await world.engine.listFindings(world.by('boss'), { open: true, limit: 10 })).map(({ kind }) => kind)
