import { command, type Call } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import { emailOf, statusOf, type MemberState, type Membership } from '../directory/membership.ts'
import type { Role } from '../directory/role.ts'
import type { Store } from '../directory/store.ts'
import { seededRandom } from './random.ts'

const givenNames = (
  'Ada Amara Anders Beatriz Bilal Chiara Daniel Dilnoza Elif Emeka Freya Giorgi Hana Ingrid Ivan Jamila ' +
  'Jonas Kaito Lea Mateo Mina Nadia Oskar Priya Quinn Rania Samuel Tove Uma Viktor Yusuf Zofia'
).split(' ')
const familyNames = (
  'Abara Berg Castro Dahl Eriksen Fischer Garcia Haddad Ito Jansen Kowalski Lindqvist Mbeki Nguyen Okafor Petrov ' +
  'Qureshi Rossi Silva Tanaka Usman Varga Weber Xu Yilmaz Zhang Moreau Novak Hansen Kaur Bianchi Osei'
).split(' ')

/** A made-up person; none of the addresses can exist (RFC 2606). */
export interface SeededPerson {
  readonly userName: string
  readonly email: string
  readonly givenName: string
  readonly familyName: string
  /** Name of the one role held directly. */
  readonly roleName: string | undefined
  readonly suspended: boolean
}

/** So many people that follow from the seed alone. User names and addresses are unique; about one in ten is no plain user, one in fifty is suspended. */
export function* seededPeople(seed: number, count: number): Generator<SeededPerson> {
  const random = seededRandom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  for (let number = 1; number <= count; number++) {
    const givenName = pick(givenNames)
    const familyName = pick(familyNames)
    const userName = `${givenName}.${familyName}${number}`.toLowerCase()
    const domain = random() < 0.9 ? 'example.com' : 'contractors.test'
    const roleName = random() < 0.1 ? pick(['Admin', 'ReadOnly']) : random() < 0.5 ? 'Member' : undefined
    yield { userName, email: `${userName}@${domain}`, givenName, familyName, roleName, suspended: random() < 0.02 }
  }
}

/**
 * A command that adds active or suspended members in one transaction, each with its fact. It checks nothing that their source guarantees: unique
 * names, valid addresses, roles and an organization that exist. Answers the members.
 */
export const createSeeder = (store: Store, newId: () => string) =>
  command(store, 'write', async (tx, call, { states }: { readonly states: readonly MemberState[] }) => {
    const members = states.map((state) => toMember(call, state, { id: newId(), personId: newId() }))
    await Promise.all(
      members.flatMap((member) => [tx.putPerson({ id: member.personId, createdAt: call.now }), tx.putMembership(member)]),
    )
    const [first, ...rest] = members.map(toFact)
    if (!first) throw new TypeError('nobody to add')
    return [members, first, ...rest]
  })

/** The made-up person as a member of an organization that has these roles. */
export const toState = (person: SeededPerson, roles: readonly Role[]): MemberState => ({
  userName: person.userName,
  externalId: undefined,
  displayName: `${person.givenName} ${person.familyName}`,
  name: { givenName: person.givenName, familyName: person.familyName },
  emails: [{ value: person.email, type: 'work', primary: true }],
  roleIds: roles.filter((role) => role.name === person.roleName && role.workspaceId === undefined).map((role) => role.id),
  suspended: person.suspended,
  attributes: {},
})

function toMember(
  { organizationId, now }: Call,
  { suspended, ...state }: MemberState,
  ids: Pick<Membership, 'id' | 'personId'>,
): Membership {
  return {
    ...state,
    ...ids,
    organizationId,
    status: statusOf(suspended, now),
    acceptedAt: now,
    createdAt: now,
    updatedAt: now,
    version: 1,
  }
}

const toFact = (member: Membership): FactDraft => {
  const { userName, personId, status, roleIds } = member
  return { action: 'member.added', subject: member.id, detail: { userName, email: emailOf(member), personId, status, roleIds } }
}
