import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Membership } from '../src/directory/membership.ts'
import type { Policy } from '../src/sync/connection.ts'
import type { PlanView } from '../src/sync/engine.ts'
import type { Standing } from '../src/sync/standing.ts'
import { seededRandom } from '../src/twin/random.ts'
import { openSyncWorld, type SyncWorld } from './sync.ts'

/** A world in which things happen, with a record of what was decided that rests on nothing of the engine. */
interface Story {
  readonly world: SyncWorld
  readonly connectionId: string
  readonly below: (under: number) => number
  readonly members: Membership[]
  readonly protectedNames: Set<string>
  policy: Partial<Policy>
  /** User names of whoever left and did not return. */
  readonly gone: Set<string>
  readonly counts: Record<'plans' | 'removals' | 'beyondLimit' | 'refused' | 'tampered' | 'tightened', number>
}

const casesPerWorld = 25
const deciders = ['boss', 'chief', 'judge'] as const

/**
 * Makes up so many turns of events, with policies of every strictness, and tries to carry the plans out in every way that is not allowed before it does so in
 * the one that is. Whatever happens: nothing is taken away beyond the limit without an approval that names the number, nor from a protected account; one bit
 * of a digest or of a stored step stops it; and when all is settled, the next plan is empty.
 */
export async function carryOutRandomPlans(t: TestContext, cases: number, seed = 1): Promise<void> {
  const random = seededRandom(seed)
  const below = (under: number) => Math.floor(random() * under)
  const counts = { plans: 0, removals: 0, beyondLimit: 0, refused: 0, tampered: 0, tightened: 0 }
  let story: Story | undefined
  for (let index = 0; index < cases; index++) {
    if (!story || index % casesPerWorld === 0) {
      const world = await openSyncWorld(t, { capabilities: { suspend: below(2) === 0 } })
      const { id } = await world.connect()
      story = { world, connectionId: id, below, members: [], protectedNames: new Set(), gone: new Set(), policy: {}, counts }
    }
    try {
      await playCase(story, index)
    } catch (error) {
      throw new Error(`seed ${seed}, case ${index}`, { cause: error })
    }
  }
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.removals > 0 && counts.refused > 0, 'nothing was tried')
}

async function playCase(story: Story, index: number): Promise<void> {
  const { world, connectionId, below, counts } = story
  const { engine, vendor } = world
  story.policy = randomPolicy(story)
  await engine.changeConnection(world.by('admin'), { id: connectionId, policy: story.policy })
  await happen(story, index)
  await world.time.advance(6 * 60_000)
  vendor.writes.length = 0
  await world.settle()
  if (below(2) === 0) await engine.createPlan(world.by('ops'), { connectionId })
  for (const plan of await openPlans(story)) {
    counts.plans++
    await attemptWithoutRight(story, plan)
  }
  await world.settle()
  checkLocked(story)
  if (below(4) === 0) await protectSomebodyLate(story)
  if (below(2) === 0) await lowerLimitLate(story)
  // What was decided may show what could not be before: a leaver's account in the way of a joiner.
  for (let round = 0; round < 6; round++) {
    const { plan } = await engine.createPlan(world.by('ops'), { connectionId })
    if ((await openPlans(story)).length === 0 && plan.state === 'closed') break
    for (const view of await openPlans(story)) await decide(story, view)
    await world.settle()
    await world.time.advance(6 * 60_000)
  }
  checkTaken(story)
  const { steps } = await engine.createPlan(world.by('ops'), { connectionId })
  assert.deepEqual(
    steps.map(({ kind, subject, state, reason }) => `${kind} ${subject} ${state}: ${reason}`),
    [],
    'the next plan is not empty',
  )
}

function randomPolicy({ below, world, protectedNames }: Story): Partial<Policy> {
  const names = [...world.vendor.accounts.values()].map(({ userName }) => userName)
  protectedNames.clear()
  for (const name of names) if (below(6) === 0) protectedNames.add(name)
  return {
    additions: below(4) === 0 ? 'approval' : 'automatic',
    changes: below(4) === 0 ? 'approval' : 'automatic',
    drift: below(2) === 0 ? 'report' : 'revert',
    leavers: { suspendAtOnce: below(2) === 0 ? 'approval' : 'automatic' },
    deletion: below(3) === 0 ? { onLeave: 'suspend' } : { onLeave: 'remove' },
    removalLimit: { accounts: below(4), percent: below(40) },
    quorum: 1 + below(3),
    protectedAccounts: [...protectedNames],
  }
}

/** People join, leave, return and change, and somebody at the vendor changes accounts by hand. */
async function happen({ world, below, members, gone }: Story, index: number): Promise<void> {
  const { directory, vendor } = world
  for (let count = below(members.length > 14 ? 2 : 6); count > 0; count--) {
    const roles = below(3) === 0 ? ['Admin'] : below(3) === 0 ? ['Billing'] : []
    members.push(await world.join(`p${index}-${count}`, { attributes: { roles: roles.map((value) => ({ value })) } }))
  }
  await world.settle()
  for (let count = below(members.length > 8 ? 6 : 3); count > 0 && members.length > 0; count--) {
    const [leaver] = members.splice(below(members.length), 1)
    if (!leaver) continue
    await world.leave(leaver.id)
    gone.add(leaver.userName)
    if (below(6) > 0) continue
    members.push(await directory.resumeMember(world.by('idp'), { id: leaver.id }))
    gone.delete(leaver.userName)
  }
  const accounts = [...vendor.accounts.values()]
  for (let count = below(3); count > 0 && accounts.length > 0; count--) {
    const [account] = accounts.splice(below(accounts.length), 1)
    if (account) vendor.put({ ...account, email: `by-hand-${index}-${count}@x.test` })
  }
}

const openPlans = async ({ world, connectionId }: Story): Promise<readonly PlanView[]> => {
  const plans = await world.engine.listPlans(world.by('boss'), { connectionId, state: 'open', limit: 50 })
  return Promise.all(plans.map(({ id }) => world.engine.getPlan(world.by('boss'), { id })))
}

const takenAway = ({ world }: Story) =>
  world.vendor.writes.filter(({ operation }) => operation === 'remove' || operation === 'suspend')

/** Before anybody decided nothing is removed, and only whoever left is suspended, where the policy says so, within the limit of an hour and never who is protected. */
function checkLocked(story: Story): void {
  const { gone, policy, protectedNames, world } = story
  const taken = takenAway(story)
  if (policy.leavers?.suspendAtOnce === 'approval')
    return assert.deepEqual(taken, [], 'something was taken away before anybody decided')
  for (const { operation, subject } of taken) {
    const userName = world.vendor.accounts.get(subject)?.userName ?? ''
    assert.equal(operation, 'suspend', `${subject} was removed before anybody decided`)
    assert.ok(gone.has(userName), `${userName} was suspended and did not leave`)
    assert.ok(!protectedNames.has(userName), `${userName} is protected and was suspended`)
  }
  const limit = { removals: taken.length, accounts: world.vendor.accounts.size }
  assert.ok(!isBeyond(limit, policy), `${taken.length} were suspended, beyond the limit`)
}

/** Everything that must be refused. */
async function attemptWithoutRight(story: Story, view: PlanView): Promise<void> {
  const { world, below, counts } = story
  const { plan, standing } = view
  const { id } = plan
  if (standing?.decision !== 'waits') return
  const refused = async (attempt: Promise<unknown>, refusal: RegExp) => {
    await assert.rejects(attempt, (error: Error & { readonly refusal?: string }) => refusal.test(error.refusal ?? ''))
    counts.refused++
  }
  const full = { id, digest: plan.digest, reason: 'meant', ...namedBy(standing) }
  const approve = (actor: string, over: object) => world.engine.approvePlan(world.by(actor), { ...full, ...over })
  const bit = below(plan.digest.length * 4)
  const digest = flip(plan.digest, bit)
  await refused(approve('boss', { digest }), /stale/)
  await refused(world.engine.applyPlan(world.by('ops'), { id, digest }), /stale/)
  const [author] = plan.authors
  if (author !== undefined) await refused(approve(author, {}), /forbidden/)
  await refused(world.engine.approvePlan(world.by('ops', 'operator'), full), /forbidden/)
  if (isBeyond(plan, story.policy)) {
    counts.beyondLimit++
    await refused(approve('boss', { removals: undefined }), /unsafe/)
    await refused(approve('boss', { removals: plan.removals + 1 }), /unsafe/)
  }
  if (standing.risksToName.length > 0) await refused(approve('boss', { accept: [] }), /unsafe/)
  if (below(3) === 0) await tamper(story, view)
}

/** One bit of a stored step is another one: the plan cannot be approved, until it is put right. */
async function tamper({ world, below, counts }: Story, { plan, steps, standing }: PlanView): Promise<void> {
  const step = steps[below(steps.length)]
  if (!step || !standing) return
  const { organizationId } = world
  const put = (subject: string) =>
    world.database.ledger.write(organizationId, async (tx) => {
      const stored = await tx.step(organizationId, step.id)
      if (stored) await tx.putStep({ ...stored, subject })
    })
  const code = step.subject.charCodeAt(0) ^ (1 << below(5))
  await put(String.fromCharCode(code) + step.subject.slice(1))
  const decision = { id: plan.id, digest: plan.digest, reason: 'meant', ...namedBy(standing) }
  await assert.rejects(world.engine.approvePlan(world.by('boss'), decision), { refusal: 'stale' })
  await put(step.subject)
  counts.tampered++
}

/** Somebody who is about to be removed, by a decision that has been taken, is protected at the last moment. */
async function protectSomebodyLate(story: Story): Promise<void> {
  const { world, connectionId, protectedNames } = story
  const view = (await openPlans(story)).find(({ steps }) =>
    steps.some(({ kind, state }) => kind === 'remove' && state === 'planned'),
  )
  const subject = view?.steps.find(({ kind, state }) => kind === 'remove' && state === 'planned')?.subject
  if (!view || subject === undefined) return
  await world.engine.changeConnection(world.by('admin'), { id: connectionId, writesEnabled: false })
  if (view.standing) await approveAs(story, view, view.standing)
  protectedNames.add(subject)
  await world.engine.changeConnection(world.by('admin'), {
    id: connectionId,
    writesEnabled: true,
    policy: { protectedAccounts: [...protectedNames] },
  })
  story.policy = { ...story.policy, protectedAccounts: [...protectedNames] }
  await world.settle()
}

/** What was approved while it was within the limit is not carried out when it no longer is. */
async function lowerLimitLate(story: Story): Promise<void> {
  const { world, connectionId, counts } = story
  const view = (await openPlans(story)).find(({ plan }) => plan.removals > 1 && !isBeyond(plan, story.policy))
  if (!view?.standing) return
  await world.engine.changeConnection(world.by('admin'), { id: connectionId, writesEnabled: false })
  await approveAs(story, view, view.standing)
  story.policy = { ...story.policy, removalLimit: { accounts: 0, percent: 0 } }
  await world.engine.changeConnection(world.by('admin'), { id: connectionId, writesEnabled: true, policy: story.policy })
  const before = takenAway(story).length
  await world.settle()
  assert.equal(takenAway(story).length, before, 'what is beyond the limit was carried out without its number')
  counts.tightened++
}

/** Decides as the policy wants it, with one approval missing first. */
async function decide(story: Story, view: PlanView): Promise<void> {
  const { world } = story
  const { plan, standing } = view
  if (standing?.decision === 'waits') {
    const before = takenAway(story).length
    await approveAs(story, view, { ...standing, quorum: standing.quorum - 1 })
    await world.settle()
    assert.equal(takenAway(story).length, before, 'fewer people than the quorum were enough')
    await approveAs(story, view, standing)
  }
  if (isBeyond(plan, story.policy)) assert.ok(standing?.decision === 'none' || standing?.removalsToName === plan.removals)
  await world.engine.applyPlan(world.by('ops'), { id: plan.id }).catch((error: Error & { readonly refusal?: string }) => {
    // It may have been carried out, or replaced, meanwhile.
    if (error.refusal !== 'stale') throw error
  })
}

async function approveAs({ world }: Story, { plan }: PlanView, { quorum, ...standing }: Standing): Promise<void> {
  for (const actor of deciders.slice(0, quorum)) {
    if (standing.approvedBy.includes(actor)) continue
    const decision = { id: plan.id, digest: plan.digest, reason: 'meant', ...namedBy(standing) }
    await world.engine.approvePlan(world.by(actor), decision).catch((error: Error & { readonly refusal?: string }) => {
      if (error.refusal !== 'conflict' && error.refusal !== 'stale') throw error
    })
  }
}

const namedBy = ({ removalsToName, risksToName }: Pick<Standing, 'removalsToName' | 'risksToName'>) => ({
  removals: removalsToName,
  accept: risksToName,
})

/** Said anew here, so that the guard is not its own judge. */
function isBeyond(
  { removals, accounts }: Pick<PlanView['plan'], 'removals' | 'accounts'>,
  { removalLimit }: Partial<Policy>,
): boolean {
  if (!removalLimit || removals < 2) return false
  return removals > removalLimit.accounts || removals / accounts > removalLimit.percent / 100
}

/** Nobody lost an account but who left, and nobody who is protected. */
function checkTaken(story: Story): void {
  const { members, protectedNames, counts, world } = story
  const there = new Set([...world.vendor.accounts.values()].map(({ userName }) => userName))
  counts.removals += takenAway(story).length
  for (const { userName } of members) assert.ok(there.has(userName), `${userName} stays and has no account`)
  for (const name of protectedNames) assert.ok(there.has(name), `${name} is protected and was removed`)
}

function flip(digest: string, bit: number): string {
  const at = Math.floor(bit / 4)
  const digit = Number.parseInt(digest[at] ?? '0', 16) ^ (1 << (bit % 4))
  return digest.slice(0, at) + digit.toString(16) + digest.slice(at + 1)
}
