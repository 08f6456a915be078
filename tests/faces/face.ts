import assert from 'node:assert/strict'

/** A person as somebody who knows every dialect would describe them. */
export interface Person {
  /** User name and address. */
  readonly email: string
  readonly givenName?: string | undefined
  readonly familyName?: string | undefined
  readonly displayName?: string | undefined
  readonly status: 'invited' | 'active' | 'suspended'
  /** Has ever accepted, or was vouched for. */
  readonly accepted: boolean
  readonly role?: RoleName | undefined
  readonly groups: readonly string[]
  /** Taken out of Sinch's first project, where the identity survives. */
  readonly outsideSinch?: true
}

export type RoleName = 'Admin' | 'Member' | 'ReadOnly'
export interface Names {
  readonly givenName: string
  readonly familyName: string
}

/** Members of a dialect's record, under its own names; what is absent is undefined. */
export type Shown = Readonly<Record<string, unknown>>

/** What a change makes true of a person. */
export type Truth = Partial<Person>

/** One API onto the organization's people, with everything that it can do to one of them. What it lacks, its vendor lacks. */
export interface Face {
  readonly name: string
  /** The person's record as the API answers it now; undefined where its list does not have them. */
  see(email: string): Promise<Shown | undefined>
  /** That record of a person, as the dialect has to spell it. */
  shows(person: Person): Shown | undefined
  /** Whether the API still knows the id that it had given to the person. */
  knows?(id: string): Promise<boolean>
  idOf(email: string): Promise<string>
  create(person: Names & { readonly email: string }): Promise<Person>
  rename?(email: string, names: Names): Promise<Truth>
  setRole?(email: string, role: RoleName): Promise<Truth>
  suspend?(email: string): Promise<Truth>
  resume?(email: string): Promise<Truth>
  group?(email: string, name: string): Promise<Truth>
  /** What remains true of the person, or undefined where nothing does. */
  remove(person: Person): Promise<Truth | undefined>
}

/** What JSON.parse answers; the comparison says what is expected. */
export type Parsed = ReturnType<typeof JSON.parse>

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Requests below a base URL over a real socket. */
export interface Caller {
  /** Asserts that the request succeeded and answers the body. */
  readonly ask: (method: Method, path: string, body?: object) => Promise<Parsed>
  readonly statusOf: (path: string) => Promise<number>
}

export type Medium = 'application/json' | 'application/scim+json' | 'application/x-www-form-urlencoded'

export function createCaller(baseUrl: string | undefined, authorization: string, medium: Medium = 'application/json'): Caller {
  const encode = (body: object) =>
    medium === 'application/x-www-form-urlencoded' ? new URLSearchParams(Object.entries(body)).toString() : JSON.stringify(body)
  return {
    ask: async (method, path, body) => {
      const reply = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { authorization, accept: 'application/json', ...(body && { 'content-type': medium }) },
        ...(body && { body: encode(body) }),
      })
      const text = await reply.text()
      assert.ok(reply.ok, `${method} ${baseUrl}${path}: ${reply.status} ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    },
    statusOf: async (path) => {
      const reply = await fetch(`${baseUrl}${path}`, { headers: { authorization, accept: 'application/json' } })
      await reply.text()
      return reply.status
    },
  }
}

export const basic = (user: string | undefined, password: string | undefined): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** The name that people read: the display name, else the parts, else the login. */
export const readableName = ({ displayName, givenName, familyName, email }: Person): string =>
  displayName ?? ([givenName, familyName].filter(Boolean).join(' ') || email)

export const fullName = ({ givenName, familyName }: Names): string => `${givenName} ${familyName}`
