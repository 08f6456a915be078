import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryRoles } from '../../tests/memory-vendor.ts'
import { account, basis, linked, wanted } from '../../tests/plan-basis.ts'
import { stateOfDesired } from './account-state.ts'
import type { Policy } from './connection.ts'
import { matchAccounts } from './match.ts'
import { difference, digestOf, type Basis, type StepDraft } from './plan.ts'

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
