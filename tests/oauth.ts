import assert from 'node:assert/strict'
import { ask } from './native.ts'
import type { World } from './world.ts'

type Form = Readonly<Record<string, string | undefined>>

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: ReturnType<typeof JSON.parse>
}

/** Asks the token endpoint of a world; the grant is client_credentials where the form names none. */
export async function askToken(
  { app }: Pick<World, 'app'>,
  form: Form,
  { headers = {}, path = '/oauth2/token' }: { readonly headers?: Readonly<Record<string, string>>; readonly path?: string } = {},
): Promise<Answer> {
  const fields = Object.entries({ grant_type: 'client_credentials', ...form }).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  )
  const reply = await app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  })
  return { status: reply.statusCode, headers: reply.headers, body: JSON.parse(reply.payload) }
}

export interface Client {
  readonly id: string
  readonly clientId: string
  readonly secret: string
  readonly tokenUrl: string
}

/** Makes a client with a secret. */
export async function makeClient(world: World, over: object = {}): Promise<Client> {
  const { status, body } = await ask(world, 'POST', '/credentials', { body: { name: 'idp', kind: 'scimclient', ...over } })
  assert.equal(status, 201, JSON.stringify(body))
  return { id: body.credential.id, clientId: body.credential.identifier, secret: body.key, tokenUrl: body.tokenUrl }
}

/** An access token of the client. */
export async function tokenOf(world: World, { clientId, secret }: Client, form: Form = {}): Promise<string> {
  const { status, body } = await askToken(world, { client_id: clientId, client_secret: secret, ...form })
  assert.equal(status, 200, JSON.stringify(body))
  return body.access_token
}

/** The status of a request below `/scim/v2` with a bearer token. */
export async function statusWith(
  { app }: Pick<World, 'app'>,
  token: string,
  {
    method = 'GET',
    path = '/Users',
    body,
  }: { readonly method?: 'GET' | 'POST'; readonly path?: string; readonly body?: object } = {},
): Promise<number> {
  const reply = await app.inject({
    method,
    url: `/scim/v2${path}`,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/scim+json' }) },
    ...(body && { payload: JSON.stringify(body) }),
  })
  return reply.statusCode
}
