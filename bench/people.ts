import type { MemberState } from '../src/directory/membership.ts'

const core = 'urn:ietf:params:scim:schemas:core:2.0:User'
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** What a person is to every server of the benchmark: the same attributes, about 900 bytes as SCIM. */
interface Profile {
  readonly userName: string
  readonly externalId: string
  readonly displayName: string
  readonly name: { readonly formatted: string; readonly familyName: string; readonly givenName: string }
  readonly emails: readonly { readonly value: string; readonly type: string; readonly primary?: boolean }[]
  readonly attributes: {
    readonly title: string
    readonly userType: string
    readonly preferredLanguage: string
    readonly locale: string
    readonly timezone: string
    readonly phoneNumbers: readonly { readonly value: string; readonly type: string }[]
    readonly addresses: readonly Readonly<Record<string, string>>[]
    readonly [enterprise]: Readonly<Record<string, string>>
  }
}

export const userNameOf = (number: number, prefix = 'person'): string => `${prefix}${String(number).padStart(7, '0')}@example.com`

function profile(number: number, prefix?: string): Profile {
  const userName = userNameOf(number, prefix)
  const givenName = `Given${number}`
  const familyName = `Family${number}`
  return {
    userName,
    externalId: `directory-${userName}`,
    displayName: `${givenName} ${familyName}`,
    name: { formatted: `${givenName} ${familyName}`, familyName, givenName },
    emails: [
      { value: userName, type: 'work', primary: true },
      { value: userName.replace('example.com', 'home.example.org'), type: 'home' },
    ],
    attributes: {
      title: 'Engineer',
      userType: 'Employee',
      preferredLanguage: 'en-US',
      locale: 'en-US',
      timezone: 'Europe/Oslo',
      phoneNumbers: [{ value: '+47-555-0100', type: 'work' }],
      addresses: [
        {
          type: 'work',
          streetAddress: '1 Harbour Street',
          locality: 'Bergen',
          region: 'Vestland',
          postalCode: '5003',
          country: 'NO',
        },
      ],
      [enterprise]: {
        employeeNumber: String(700_000 + number),
        costCenter: '4130',
        organization: 'Example',
        division: 'Operations',
        department: `Dept ${number % 50}`,
      },
    },
  }
}

/** The body of a SCIM create. */
export function scimUser(number: number, prefix?: string) {
  const { attributes, ...rest } = profile(number, prefix)
  return { schemas: [core, enterprise], ...rest, ...attributes, active: true }
}

/** The SCIM resource as the reference servers keep and answer it. */
export function scimResource(number: number, { id, now }: { readonly id: string; readonly now: string }) {
  const meta = { resourceType: 'User', created: now, lastModified: now, version: 'W/"1"', location: `/scim/v2/Users/${id}` }
  return { ...scimUser(number), id, meta }
}

/** The same person as a member of the directory. */
export function memberState(number: number): MemberState {
  return { ...profile(number), roleIds: [], suspended: false }
}

/** What opens the servers that are not the product. */
export const token = 'reference-token'

/** Ids of the people of the servers that are not the product, and of their one group. */
export const referenceGroupId = '00000000-0000-7000-9000-000000000001'
export const referenceId = (number: number): string => `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

/** How many people are put into the large group and taken out: they are not in it when the measurement begins. */
export const guestsOf = (people: number): number => Math.min(200, Math.floor(people / 2))

/** The numbers of those who are in the large group: everybody but the guests, 50,000 or `most` at most. */
export const membersOf = (people: number, most = 50_000): readonly number[] =>
  Array.from({ length: Math.min(most, people - guestsOf(people)) }, (_, index) => guestsOf(people) + index + 1)
