import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { patiently } from './patience.ts'

const Resource = z.object({ id: z.string() })
const List = z.object({ Resources: z.array(Resource) })

export interface IdentityProviderOptions {
  readonly origins: readonly string[]
  /** Path of the SCIM API, such as `/scim/v2`. */
  readonly path: string
  readonly token: string
  readonly expired: () => boolean
  /** How many people come, and how many of the first of them leave later. */
  readonly joiners: number
  readonly leavers: number
  /** In [0, 1]: which part of the pushes may have been made by now. */
  readonly progress: () => number
  /** Whether each vendor has made an account of that name by now. */
  readonly hasAccounts: (userName: string) => boolean
}

export const userNameOf = (number: number): string => `person${number}@example.com`

/** Pushes joiners and leavers as an identity provider does: each push is repeated until it is acknowledged. Resolves when all are; throws OutOfTime. */
export async function pushPeople(options: IdentityProviderOptions): Promise<void> {
  const ids = new Map<number, string>()
  const { joiners, leavers, progress, expired } = options
  const allowed = async (part: number) => {
    while (progress() < part && !expired()) await wait(20)
  }
  const joining = inTurns(joiners, 4, async (number) => {
    await allowed((number - 1) / joiners)
    ids.set(number, await join(options, number))
  })
  const leaving = inTurns(leavers, 2, async (number) => {
    await allowed(0.15 + (0.85 * number) / leavers)
    while (!expired() && !(ids.has(number) && options.hasAccounts(userNameOf(number)))) await wait(50)
    const id = ids.get(number)
    if (id !== undefined) await leave(options, id)
  })
  await Promise.all([joining, leaving])
}

async function join({ origins, path, token, expired }: IdentityProviderOptions, number: number): Promise<string> {
  const userName = userNameOf(number)
  const body = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName,
    name: { givenName: `Given${number}`, familyName: `Family${number}` },
    emails: [{ value: userName, type: 'work', primary: true }],
    active: true,
  }
  const created = await patiently(scim({ method: 'POST', path: `${path}/Users`, token, body }), {
    origins,
    accept: [201, 409],
    expired,
  })
  if (created.status === 201) return Resource.parse(created.body).id
  const filter = encodeURIComponent(`userName eq "${userName}"`)
  const found = await patiently(scim({ method: 'GET', path: `${path}/Users?filter=${filter}`, token }), {
    origins,
    accept: [200],
    expired,
  })
  const [resource] = List.parse(found.body).Resources
  if (!resource) throw new Error(`${userName} is taken and cannot be found`)
  return resource.id
}

async function leave({ origins, path, token, expired }: IdentityProviderOptions, id: string): Promise<void> {
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'active', value: false }],
  }
  await patiently(scim({ method: 'PATCH', path: `${path}/Users/${id}`, token, body }), { origins, accept: [200, 204], expired })
}

const scim =
  ({
    method,
    path,
    token,
    body,
  }: {
    readonly method: string
    readonly path: string
    readonly token: string
    readonly body?: unknown
  }) =>
  (origin: string) =>
    fetch(`${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json', accept: 'application/scim+json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    })

/** Runs 1 … count, so many at a time. */
async function inTurns(count: number, width: number, run: (number: number) => Promise<void>): Promise<void> {
  let next = 1
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next <= count) await run(next++)
    }),
  )
}
