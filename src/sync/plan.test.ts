import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryRoles } from '../../tests/memory-vendor.ts'
import type { Membership } from '../directory/membership.ts'
import { stateOfAccount, stateOfDesired } from './account-state.ts'
import { defaultPolicy, type Policy } from './connection.ts'
import type { Link, Wanted } from './ledger.ts'
import { matchAccounts } from './match.ts'
import { difference, digestOf, type Basis, type StepDraft } from './plan.ts'
import type { Account, Capabilities } from './vendor.ts'

const able: Capabilities = { create: true, update: true, suspend: false, remove: true, setRoles: true, invite: false, notes: [] }

interface Person {
  readonly id: string
  readonly userName: string
  readonly email?: string | undefined
  readonly givenName?: string | undefined
  readonly familyName?: string | undefined
  readonly displayName?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly groups?: readonly string[] | undefined
  readonly scimRoles?: readonly { readonly value: string }[] | undefined
}

const wanted = (person: Person): Wanted => ({
  member: memberOf(person),
  roleNames: person.roles ?? [],
  groupNames: person.groups ?? [],
})
const memberOf = ({ id, userName, email, givenName, familyName, displayName, scimRoles }: Person): Membership => ({
  id,
  organizationId: 'o1',
  personId: `p-${id}`,
  userName,
  externalId: undefined,
  displayName,
  name: { ...(givenName && { givenName }), ...(familyName && { familyName }) },
  emails: email === undefined ? [] : [{ value: email }],
  roleIds: [],
  attributes: scimRoles ? { roles: scimRoles.map(({ value }) => ({ value })) } : {},
  status: 'active',
  acceptedAt: new Date(0),
  createdAt: new Date(0),
  updatedAt: new Date(0),
  version: 1,
})
const account = (over: Partial<Account> & { readonly id: string; readonly userName: string }): Account => ({
  email: undefined,
  givenName: 'Given',
  familyName: 'Family',
  status: 'active',
  roles: [],
  raw: {},
  ...over,
})
const linked = (membershipId: string, to: Account, written: Partial<Link['written']> = {}): Link => ({
  organizationId: 'o1',
  connectionId: 'c1',
  membershipId,
  accountId: to.id,
  rule: 'created',
  madeAt: new Date(0),
  written: { ...stateOfAccount(to), ...written },
})
const basis = (over: Partial<Omit<Basis, 'policy'>> & { readonly policy?: Partial<Policy> }): Basis => ({
  vendor: 'memory',
  capabilities: able,
  roles: memoryRoles,
  wanted: [],
  accounts: [],
  links: [],
  conflicts: new Map(),
  whyUnwanted: () => 'is suspended in the directory',
  ...over,
  policy: { ...defaultPolicy, ...over.policy },
})
const jane: Person = { id: 'm1', userName: 'jane', email: 'jane@x.test', givenName: 'Jane', familyName: 'Doe' }
const janes = account({ id: 'a1', userName: 'jane', email: 'jane@x.test', givenName: 'Jane', familyName: 'Doe' })
const brief = (steps: readonly StepDraft[]) => steps.map(({ kind, subject, state }) => `${kind} ${subject} ${state}`)

test('somebody without an account gets one, with names where the directory has none', () => {
  const [step] = difference(
    basis({ wanted: [wanted({ id: 'm1', userName: 'jd@x.test', displayName: 'Jane van Doe' })] }),
    'report',
  ).steps
  assert.deepEqual(step?.desired, {
    userName: 'jd@x.test',
    email: undefined,
    givenName: 'Jane van',
    familyName: 'Doe',
    roleIds: [],
  })
  const [bare] = difference(basis({ wanted: [wanted({ id: 'm1', userName: 'jd@x.test' })] }), 'report').steps
  assert.equal(bare?.desired?.givenName, 'jd')
  assert.equal(bare.desired.familyName, 'jd')
})

test('names made up for a new account never take the place of real ones', () => {
  const bare = { id: 'm1', userName: 'jane' }
  assert.deepEqual(
    difference(basis({ wanted: [wanted(bare)], accounts: [janes], links: [linked('m1', janes)] }), 'revert').steps,
    [],
  )
})

test('BAND-32 role names resolve to the roles that the vendor has now, without regard to case', () => {
  const [step] = difference(
    basis({
      wanted: [wanted({ ...jane, roles: ['admin', 'Ghost'], groups: ['Finance', 'Unmapped'], scimRoles: [{ value: 'MEMBER' }] })],
      policy: { roleMap: { finance: 'billing' } },
    }),
    'report',
  ).steps
  assert.deepEqual(step?.desired?.roleIds, ['r1', 'r2', 'r3'])
  assert.match(step.reason, /has no role named "Ghost"$/)
})

test('roles are left alone when no name resolves', () => {
  const held = { ...janes, roles: [{ id: 'r1', name: 'Admin' }] }
  assert.deepEqual(
    difference(
      basis({ wanted: [wanted({ ...jane, roles: ['Ghost'] })], accounts: [held], links: [linked('m1', held)] }),
      'revert',
    ).steps,
    [],
  )
})

test('a change in the directory is an update, only roles are setRoles', () => {
  const renamed = difference(
    basis({ wanted: [wanted({ ...jane, familyName: 'Roe' })], accounts: [janes], links: [linked('m1', janes)] }),
    'report',
  ).steps
  assert.deepEqual(brief(renamed), ['update jane planned'])
  assert.deepEqual(renamed[0]?.changes, [{ attribute: 'familyName', from: 'Doe', to: 'Roe' }])
  const promoted = difference(
    basis({ wanted: [wanted({ ...jane, roles: ['Admin'] })], accounts: [janes], links: [linked('m1', janes)] }),
    'report',
  ).steps
  assert.deepEqual(brief(promoted), ['setRoles jane planned'])
})

test('a change at the vendor is drift: reported, and put back only where asked', () => {
  const drifted = { ...janes, email: 'else@x.test' }
  const given = basis({ wanted: [wanted(jane)], accounts: [drifted], links: [linked('m1', janes)] })
  const reported = difference(given, 'report')
  assert.deepEqual(reported.steps, [])
  assert.match(reported.drift.get('a1') ?? '', /jane: email was changed at memory/)
  assert.deepEqual(difference(given, 'revert').steps[0]?.changes, [
    { attribute: 'email', from: 'else@x.test', to: 'jane@x.test' },
  ])
})

test('a change in the directory leaves what drifted as it is', () => {
  const drifted = { ...janes, email: 'else@x.test' }
  const [step] = difference(
    basis({ wanted: [wanted({ ...jane, familyName: 'Roe' })], accounts: [drifted], links: [linked('m1', janes)] }),
    'report',
  ).steps
  assert.deepEqual(step?.changes, [{ attribute: 'familyName', from: 'Doe', to: 'Roe' }])
  assert.equal(step.desired?.email, 'else@x.test')
})

test('an account that came to be as wanted by itself is accepted, so that the next change in the directory is one', () => {
  const { accepted, steps } = difference(
    basis({ wanted: [wanted(jane)], accounts: [janes], links: [linked('m1', janes, { email: 'before@x.test' })] }),
    'report',
  )
  assert.deepEqual(steps, [])
  assert.equal(accepted[0]?.written.email, 'jane@x.test')
})

test('an account of somebody who left is removed, one of nobody and a protected one never', () => {
  const others = [account({ id: 'a2', userName: 'orphan' }), account({ id: 'a3', userName: 'Root' })]
  const given = {
    accounts: [janes, ...others],
    links: [linked('m1', janes), linked('m3', account({ id: 'a3', userName: 'Root' }))],
    policy: { protectedAccounts: ['root'] },
  }
  const { steps, residual } = difference(basis(given), 'revert')
  assert.deepEqual(brief(steps), ['remove jane planned'])
  assert.match(residual.get('a3') ?? '', /protected/)
})

test('a link of a leaver whose account is gone is stale, one of a member is missing and made again only where asked', () => {
  const left = difference(basis({ links: [linked('m1', janes)] }), 'report')
  assert.deepEqual(left.steps, [])
  assert.deepEqual(
    left.stale.map(({ accountId }) => accountId),
    ['a1'],
  )
  const given = basis({ wanted: [wanted(jane)], links: [linked('m1', janes)] })
  assert.deepEqual(difference(given, 'report').steps, [])
  assert.match(difference(given, 'report').missing.get('m1') ?? '', /taken away/)
  assert.deepEqual(brief(difference(given, 'revert').steps), ['create jane planned'])
})

test('what the vendor cannot is a task for a person, never dropped', () => {
  const unable = { ...able, create: false, update: false, remove: false, setRoles: false }
  const john = account({ id: 'a2', userName: 'john' })
  const { steps } = difference(
    basis({
      capabilities: unable,
      wanted: [wanted({ id: 'm3', userName: 'new' }), wanted({ ...jane, familyName: 'Roe' })],
      accounts: [janes, john],
      links: [linked('m1', janes), linked('m2', john)],
    }),
    'report',
  )
  assert.deepEqual(brief(steps), ['create new unsupported', 'update jane unsupported', 'remove john unsupported'])
  for (const { reason } of steps) assert.match(reason, /console/)
})

test('the digest covers what the steps do and nothing else: one changed character is another digest', () => {
  const { steps } = difference(basis({ wanted: [wanted(jane)] }), 'report')
  const [step] = steps
  assert.ok(step)
  const digest = digestOf('c1', steps)
  assert.equal(digestOf('c1', [{ ...step, reason: 'another', state: 'failed' } as StepDraft]), digest)
  for (const other of [
    { ...step, subject: 'janf' },
    { ...step, kind: 'update' as const },
    { ...step, accountId: 'a1' },
    { ...step, membershipId: 'm2' },
    { ...step, desired: step.desired && { ...step.desired, roleIds: ['r1'] } },
    { ...step, observed: stateOfAccount(janes) },
    { ...step, changes: [] },
  ])
    assert.notEqual(digestOf('c1', [other]), digest)
  assert.notEqual(digestOf('c2', steps), digest)
  assert.notEqual(digestOf('c1', [step, step]), digest)
})

const name = fc.constantFrom('ann', 'Bob', 'cid', 'dora', 'Eve', 'fred', 'gina', 'Hal')
const person = fc.record({
  userName: name,
  email: fc.option(fc.constantFrom('a@x.test', 'B@x.test', 'c@x.test', 'd@x.test', 'e@x.test'), { nil: undefined }),
  givenName: fc.option(fc.constantFrom('Ann', 'Bea'), { nil: undefined }),
  familyName: fc.option(fc.constantFrom('Roe', 'Doe'), { nil: undefined }),
  roles: fc.subarray(['Admin', 'member', 'Ghost']),
})
const distinct = { minLength: 0, maxLength: 8, selector: ({ userName }: { userName: string }) => userName.toLowerCase() }
const world = fc.record({
  people: fc.uniqueArray(person, distinct),
  present: fc.uniqueArray(person, distinct),
  leavers: fc.nat({ max: 3 }),
  matchBy: fc.constantFrom<Policy['matchBy'][number][]>(['userName'], ['userName', 'email'], ['email']),
  drift: fc.constantFrom('report', 'revert'),
})

/** A world with links for the first accounts, some of them held by people who left. */
function build({ people, present, leavers, matchBy }: typeof world extends fc.Arbitrary<infer W> ? W : never): Basis {
  const accounts = present.map(({ roles, ...rest }, index) =>
    account({
      ...rest,
      id: `a${index}`,
      roles: memoryRoles.filter(({ name: role }) => roles.some((own) => own.toLowerCase() === role.toLowerCase())),
    }),
  )
  const links = accounts.slice(0, leavers).map((held, index) => linked(`left${index}`, held))
  const wants = people.map((one, index) => wanted({ ...one, id: `m${index}` }))
  return linkMatches(basis({ wanted: wants, accounts, links, policy: { matchBy } }))
}

function linkMatches(given: Basis): Basis {
  const { matches, conflicts } = matchAccounts({
    members: given.wanted.map(({ member }) => member),
    accounts: given.accounts,
    links: given.links,
    matchBy: given.policy.matchBy,
  })
  return { ...given, conflicts, links: [...given.links, ...matches.map((match) => linked(match.member.id, match.account))] }
}

/** What a vendor that does as it is told makes of the steps. */
function carryOut(given: Basis, steps: readonly StepDraft[]): Basis {
  const accounts = new Map(given.accounts.map((one) => [one.id, one]))
  const links = new Map(given.links.map((link) => [link.membershipId, link]))
  for (const { kind, state, desired, accountId, membershipId } of steps) {
    if (state !== 'planned' || membershipId === undefined) continue
    if (kind === 'remove') {
      accounts.delete(accountId ?? '')
      links.delete(membershipId)
    } else if (desired) {
      const id = accountId ?? `new-${membershipId}`
      const made = account({ ...desired, id, roles: memoryRoles.filter((role) => desired.roleIds.includes(role.id)) })
      accounts.set(id, made)
      links.set(membershipId, linked(membershipId, made, stateOfDesired(desired)))
    }
  }
  return { ...given, accounts: [...accounts.values()], links: [...links.values()] }
}

test('after a plan was carried out the next one is empty, but for what needs a person', () => {
  fc.assert(
    fc.property(world, (seed) => {
      let given = build(seed)
      // What stands in the way of one step may go with another: a leaver's account under the joiner's name.
      for (let round = 0; round < 3; round++) given = linkMatches(carryOut(given, difference(given, seed.drift).steps))
      assert.deepEqual(
        difference(given, seed.drift).steps.filter(({ state }) => state === 'planned'),
        [],
      )
    }),
    { numRuns: 500 },
  )
})

test('the same basis gives the same digest, in whatever order its parts come', () => {
  fc.assert(
    fc.property(world, (seed) => {
      const given = build(seed)
      const turned = {
        ...given,
        wanted: given.wanted.toReversed(),
        accounts: given.accounts.toReversed(),
        links: given.links.toReversed(),
      }
      assert.equal(digestOf('c1', difference(given, seed.drift).steps), digestOf('c1', difference(turned, seed.drift).steps))
    }),
    { numRuns: 500 },
  )
})

test('no plan removes an account that is linked to nobody, or to somebody who is wanted', () => {
  fc.assert(
    fc.property(world, (seed) => {
      const given = build(seed)
      const left = new Set(
        given.links.filter(({ membershipId }) => membershipId.startsWith('left')).map(({ accountId }) => accountId),
      )
      for (const step of difference(given, seed.drift).steps)
        if (step.kind === 'remove') assert.ok(left.has(step.accountId ?? ''))
    }),
    { numRuns: 500 },
  )
})
