import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { memoryRoles } from '../../tests/memory-vendor.ts'
import { openSyncWorld } from '../../tests/sync.ts'
import { collect } from './collect.ts'
import type { Policy } from './connection.ts'
import { knownAccounts } from './known-accounts.ts'
import { explainLeavers } from './leavers.ts'
import { linkOfMatch } from './made-links.ts'
import { observe } from './observe.ts'
import { difference } from './plan.ts'
import type { Known } from './read-vendor.ts'
import { withConnection } from './run.ts'
import { matchBySaid, readSaid } from './said.ts'
import { withRisks } from './surroundings.ts'
import { countAccounts, survey, type Survey } from './survey.ts'
import type { Account } from './vendor.ts'
import type { Hand } from './work.ts'

const people = 34
/** Mostly in line; what is not is out of line in one way or several. */
const mostly = <T>(usual: T, ...others: readonly T[]) => fc.constantFrom(...Array.from({ length: 8 }, () => usual), ...others)
const person = fc.record({
  isLinked: mostly(true, false),
  isThere: mostly(true, false),
  hasLeft: mostly(false, true),
  bears: mostly('their name', 'their name in capitals', 'the name of the next', 'a name of nobody'),
  email: mostly('their own', 'that of the next', 'another'),
  familyName: mostly('Family', 'Other'),
  roles: mostly(['Member'], ['Admin'], ['Member', 'Admin'], []),
  written: mostly(['Member'], ['Admin'], []),
  status: mostly<Account['status']>('active', 'suspended', 'invited'),
  /** What an incomplete read showed of the account. */
  aside: mostly('nothing', 'another family name'),
})
type Person = typeof person extends fc.Arbitrary<infer P> ? P : never

const inLine: Person = {
  isLinked: true,
  isThere: true,
  hasLeft: false,
  bears: 'their name',
  email: 'their own',
  familyName: 'Family',
  roles: ['Member'],
  written: ['Member'],
  status: 'active',
  aside: 'nothing',
}
/** Whoever is settled in spite of a neighbour: an account of nobody bears their name, their address; and an account that is somebody's bears the name of who has none; and whoever has left held a role that they hold too. */
const neighbours: readonly Person[] = [
  { ...inLine, isLinked: false, bears: 'the name of the next' },
  inLine,
  { ...inLine, isLinked: false, bears: 'a name of nobody', email: 'that of the next' },
  inLine,
  { ...inLine, bears: 'the name of the next' },
  { ...inLine, isLinked: false, isThere: false },
  { ...inLine, roles: ['Member', 'Billing'], written: ['Member', 'Billing'] },
  { ...inLine, hasLeft: true, roles: ['Billing'], written: ['Billing'] },
]
const scenarios: readonly Partial<Policy>[] = [
  { defaultRoles: ['Member'] },
  { drift: 'revert', matchBy: ['email', 'userName'], defaultRoles: ['Member'] },
  { attributeOwners: { userName: 'ignore', email: 'manual', roles: 'vendor' }, protectedAccounts: ['p3'] },
]
const idsOf = (roles: readonly string[]) => memoryRoles.filter(({ name }) => roles.includes(name)).map(({ id }) => id)

/** A connection in some disorder, compared as the engine does it and with everybody and every account in hand. */
async function compareBoth(t: TestContext, policy: Partial<Policy>, { seed, complete }: { seed: number; complete: boolean }) {
  const world = await openSyncWorld(t)
  const { parts, organizationId } = world
  const { id: connectionId } = await world.connect({ writes: false, policy })
  const count = people - neighbours.length
  const [some = []] = fc.sample(fc.array(person, { minLength: count, maxLength: count }), { seed, numRuns: 1 })
  const specs = [...neighbours, ...some]
  const at = world.time.clock()
  for (const [index, spec] of specs.entries()) {
    const [own, next] = [`p${index}`, `p${(index + 1) % people}`]
    const member = await world.join(own)
    const account: Account = {
      id: `a${String((index * 7) % people).padStart(2, '0')}`,
      userName:
        { 'their name': own, 'their name in capitals': own.toUpperCase(), 'the name of the next': next }[spec.bears] ??
        `x${index}`,
      email: `${{ 'their own': own, 'that of the next': next }[spec.email] ?? `other${index}`}@example.com`,
      givenName: 'Given',
      familyName: spec.familyName,
      status: spec.status,
      ...(spec.status === 'invited' && { invitedSince: new Date(0) }),
      roles: memoryRoles.filter(({ name }) => spec.roles.includes(name)),
      raw: {},
    }
    await parts.ledger.write(organizationId, async (tx) => {
      if (spec.isThere) await tx.putAccount(organizationId, connectionId, account)
      if (spec.aside !== 'nothing') await tx.putAside(organizationId, connectionId, [{ ...account, familyName: 'Aside' }])
      const written = {
        userName: own,
        email: `${own}@example.com`,
        givenName: 'Given',
        familyName: 'Family',
        roleIds: idsOf(spec.written),
      }
      const link = {
        organizationId,
        connectionId,
        membershipId: member.id,
        accountId: account.id,
        rule: 'created',
        madeAt: at,
      } as const
      if (spec.isLinked) await tx.putLink({ ...link, written })
    })
    if (spec.hasLeft) await world.leave(member.id)
  }
  const certificate = {
    complete,
    reasons: [],
    pages: 1,
    accounts: people,
    declaredTotal: undefined,
    repeatedIds: 0,
    provenGone: 0,
    digest: '',
  }
  const known: Known = {
    usable: true,
    snapshot: { id: 's', organizationId, connectionId, startedAt: at, finishedAt: at, certificate },
  }
  return withConnection(parts, world.by('ops', 'operator'), {
    connectionId,
    work: async (hand) => {
      const seen = await survey(hand, known)
      return { seen: await told(hand, seen), whole: await told(hand, await wholeOf(hand, seen)), settled: seen.settled.count }
    },
  })
}

/** The survey with nobody left out. */
async function wholeOf(hand: Hand, seen: Survey): Promise<Survey> {
  const { parts, connection, vendor } = hand
  const { organizationId, id: connectionId, policy } = connection
  const accounts = await knownAccounts(hand, seen.known)
  const read = await parts.ledger.read(async (tx) => ({
    wanted: await collect(
      (page) => tx.wanted(organizationId, connectionId, page),
      ({ member }) => member.id,
    ),
    links: await collect(
      (page) => tx.links(organizationId, connectionId, page),
      ({ membershipId }) => membershipId,
    ),
    said: await readSaid(tx, hand),
  }))
  const members = read.wanted.map(({ member }) => member)
  const matching = matchBySaid(hand, read.said, { members, accounts, links: read.links })
  const { complete } = seen.known.snapshot.certificate
  const matched = complete ? matching.matches.map((match) => linkOfMatch(hand, match)) : []
  const waiting = complete ? [] : matching.matches
  const conflicts = new Map([
    ...matching.conflicts,
    ...waiting.map(
      ({ member, account }) => [member.id, `account ${account.id} seems to be theirs; that shows in a complete read`] as const,
    ),
  ])
  const links = [...read.links, ...matched]
  const basis = {
    vendor: vendor.name,
    policy,
    capabilities: vendor.capabilities,
    roles: memoryRoles,
    wanted: read.wanted,
    accounts,
    links,
    conflicts,
    now: parts.clock(),
    whyUnwanted: await explainLeavers(parts, { organizationId, wanted: read.wanted, links }),
  }
  return {
    ...seen,
    settled: { count: 0, roleIds: new Set() },
    accounts,
    wanted: read.wanted,
    members,
    links,
    newLinks: matched,
    matching,
    own: difference(basis, policy.drift),
    full: difference(basis, 'revert'),
  }
}

/** Everything that a plan, a question or a finding is made from. */
async function told(hand: Hand, survey: Survey) {
  const { own, full, newLinks, matching } = await withRisks(hand, survey)
  const { policy } = hand.connection
  const observed = observe(survey, { questions: [], vendor: 'memory', policy, now: hand.parts.clock() })
  return JSON.parse(
    JSON.stringify({
      accounts: countAccounts(survey),
      newLinks,
      ambiguities: matching.ambiguities,
      conflicts: [...matching.conflicts],
      differences: [own, full].map(({ steps, alternatives, drift, missing, residual, accepted, stale }) => ({
        steps,
        alternatives,
        accepted,
        stale,
        maps: [drift, missing, residual].map((map) => [...map]),
      })),
      observed: observed.toSorted((a, b) => (`${a.kind} ${a.subject}` < `${b.kind} ${b.subject}` ? -1 : 1)),
    }),
  )
}

for (const [index, policy] of scenarios.entries())
  test(`a comparison tells the same whether or not the settled are looked at, under policy ${index}`, async (t) => {
    for (const [seed, complete] of [
      [1, true],
      [2, false],
    ] as const) {
      const { seen, whole, settled } = await compareBoth(t, policy, { seed, complete })
      assert.deepEqual(seen, whole)
      assert.ok(settled > 0, 'nobody is settled')
      assert.ok(whole.differences[1].steps.length > 0, 'nothing is to be done')
    }
  })
