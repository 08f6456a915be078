import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const text = z.record(z.string(), z.string())
const Exchange = z.strictObject({
  what: z.string(),
  request: z.strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: z.string(),
    body: z.record(z.string(), z.json()).optional(),
    /** The token of the address where it is not said. */
    authorization: z.enum(['none', 'wrong']).optional(),
  }),
  reply: z.strictObject({
    status: z.int(),
    /** Part of the body. */
    holds: z.json().optional(),
    /** What the body must not have, by name, or by name and name. */
    lacks: z.array(z.string()).optional(),
    /** By which name a member of the body is known afterwards; an empty one is the whole body. */
    remember: text.optional(),
  }),
})

/**
 * A conversation as an identity provider leads it, from its connect test to its deprovisioning. `{{name}}` stands for what an earlier reply was remembered by;
 * a member `{{...}}` of a body names what it starts from. `leaves` is the state afterwards, whole in its people and groups.
 */
export const Conversation = z.strictObject({
  provider: z.string(),
  source: z.string(),
  sso: z.enum(['none', 'okta', 'entra', 'onelogin']),
  headers: text,
  exchanges: z.array(Exchange),
  leaves: z.strictObject({
    people: z.array(z.looseObject({ userName: z.string(), status: z.enum(['active', 'suspended']) })),
    groups: z.array(z.strictObject({ name: z.string(), members: z.array(z.string()) })),
  }),
})
export type Conversation = z.output<typeof Conversation>

export const readConversation = (file: URL): Conversation => Conversation.parse(JSON.parse(readFileSync(file, 'utf8')))

/** Where a conversation is led: a SCIM base URL and the token for it. */
export interface Address {
  readonly baseUrl: string
  readonly token: string
}

type Body = Readonly<Record<string, unknown>>

/** Plays the conversation over HTTP as the provider would, and asserts each answer. */
export async function play({ exchanges, headers }: Conversation, { baseUrl, token }: Address): Promise<void> {
  const known = new Map<string, unknown>()
  for (const { what, request, reply } of exchanges) {
    const { authorization } = request
    const sent = request.body && JSON.stringify(started(filled(request.body, known), known))
    const answer = await fetch(baseUrl + filledText(request.path, known), {
      method: request.method,
      headers: {
        ...Object.fromEntries(Object.entries(headers).filter(([name]) => sent !== undefined || name !== 'content-type')),
        ...(authorization !== 'none' && { authorization: `Bearer ${authorization === 'wrong' ? 'made-up' : token}` }),
      },
      // Bytes: a text would be given a type of its own.
      ...(sent !== undefined && { body: Buffer.from(sent) }),
    })
    const body = await answer.text()
    assert.equal(answer.status, reply.status, `${what}: ${body}`)
    const json: Body = body === '' ? {} : JSON.parse(body)
    holdsToProtocol(answer, { body, json, baseUrl, what, accept: headers['accept'] })
    if (reply.holds !== undefined) assert.partialDeepStrictEqual(json, filled(reply.holds, known), what)
    for (const path of reply.lacks ?? []) assert.equal(at(json, path), undefined, `${what}: ${path} in ${body}`)
    for (const [name, from] of Object.entries(reply.remember ?? {})) known.set(name, from ? json[from] : json)
  }
}

interface Answered {
  readonly body: string
  readonly json: Body
  readonly baseUrl: string
  readonly what: string
  readonly accept: string | undefined
}

/** What holds for every answer, whoever asks. */
function holdsToProtocol({ status, headers }: Response, { body, json, baseUrl, what, accept }: Answered): void {
  if (status === 204) return assert.equal(body, '', what)
  assert.equal(
    headers.get('content-type'),
    accept === 'application/json' && status < 400 ? accept : 'application/scim+json',
    what,
  )
  assert.doesNotMatch(body, /:\s*null/, `${what}: no null is ever sent`)
  if (status >= 400) assert.deepEqual([json['status'], typeof json['detail']], [String(status), 'string'], what)
  if (status !== 201) return
  const location = headers.get('location')
  assert.ok(location?.startsWith(`${baseUrl}/`) && location.endsWith(String(json['id'])), `${what}: ${location}`)
  assert.equal(at(json, 'meta.location'), location, what)
}

const Listed = z.object({
  totalResults: z.int(),
  Resources: z.array(
    z.object({
      id: z.string(),
      userName: z.string().optional(),
      displayName: z.string().optional(),
      active: z.boolean().optional(),
      members: z.array(z.object({ value: z.string() })).default([]),
    }),
  ),
})

/** What stands at an address: people with their state, groups with the userNames in them. */
export async function standingAt({ baseUrl, token }: Address): Promise<Conversation['leaves']> {
  const list = async (path: string) => {
    const answer = await fetch(baseUrl + path, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(answer.status, 200)
    return Listed.parse(await answer.json()).Resources
  }
  const [users, groups] = [await list('/Users'), await list('/Groups')]
  const names = new Map(users.map(({ id, userName = '' }) => [id, userName]))
  return {
    people: users.map(({ userName = '', active }) => ({ userName, status: active === true ? 'active' : 'suspended' })),
    groups: groups.map(({ displayName = '', members }) => ({
      name: displayName,
      members: members.map(({ value }) => names.get(value) ?? value),
    })),
  }
}

function filledText(path: string, known: ReadonlyMap<string, unknown>): string {
  return path.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(known.get(name)))
}

function filled(value: unknown, known: ReadonlyMap<string, unknown>): Body {
  return JSON.parse(filledText(JSON.stringify(value), known))
}

/** A body that is what was read, with changes. */
function started({ '{{...}}': from, ...rest }: Body, known: ReadonlyMap<string, unknown>): Body {
  const base = known.get(String(from))
  return { ...(typeof base === 'object' && base), ...rest }
}

/** The member at the end of a path, whose names may hold dots where they are an extension's. */
function at(json: unknown, path: string): unknown {
  if (typeof json !== 'object' || json === null) return undefined
  const members = new Map(Object.entries(json))
  if (members.has(path)) return members.get(path)
  const owner = [...members.keys()].find((name) => path.startsWith(`${name}.`))
  return owner === undefined ? undefined : at(members.get(owner), path.slice(owner.length + 1))
}
