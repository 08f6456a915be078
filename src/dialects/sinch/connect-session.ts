import { call, RemoteError, type Answer, type Remote } from '../../wire/call.ts'
import type { Operation, Value } from '../../wire/operation.ts'
import { issueToken } from './wire.ts'

/** A key id with its secret. */
export interface Key {
  readonly id: string
  readonly secret: string
}

export interface Input<B> {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: B
  /** In place of the connection's own, without a trailing slash. */
  readonly baseUrl?: string
}

/** Calls Sinch with a token that it keeps. */
export interface Session {
  /** As wire/call does. A 401 is answered with one new token and one more try: the refused request had no effect. Throws RemoteError. */
  readonly call: <Op extends Operation>(operation: Op, input: Input<Value<Op['request']>>) => Promise<Answer<Value<Op['reply']>>>
  /** Gets a token where there is none, which proves the key. Throws RemoteError. */
  readonly prove: () => Promise<void>
  /** The id of the key whose tokens it calls with. */
  readonly keyId: () => string
  /** Calls with another key from then on, once that has got a token. Throws RemoteError, and then keeps to the key it had. */
  readonly use: (key: Key) => Promise<void>
}

export interface SessionOptions {
  readonly key: Key
  readonly tokenEndpoint: string
  /** `form` as the guide has it, `basic` as Sinch's own client does (SNCH-P03). */
  readonly clientIn: 'form' | 'basic'
  readonly clock: () => Date
}

/** A token is renewed so long before it ends. */
const marginMs = 60_000

/** `remote` is the API without an Authorization. */
export function createSession(remote: Remote, { key: firstKey, clock, ...options }: SessionOptions): Session {
  let key = firstKey
  /** `renewAtMs` is undefined while it is waited for. */
  let shared: { readonly token: Promise<string>; readonly renewAtMs: number | undefined } | undefined

  /** The one token that parallel calls share, or wait for together. */
  const tokenFor = (): Promise<string> => {
    if (shared && (shared.renewAtMs === undefined || clock().getTime() < shared.renewAtMs)) return shared.token
    const token = renew()
    shared = { token, renewAtMs: undefined }
    return token

    async function renew(): Promise<string> {
      try {
        const { text, renewAtMs } = await requestToken(remote, { key, clock, ...options })
        if (shared?.token === token) shared = { token, renewAtMs }
        return text
      } catch (error) {
        if (shared?.token === token) shared = undefined
        throw error
      }
    }
  }

  const callWith = <Op extends Operation>(text: string, operation: Op, { baseUrl, ...input }: Input<Value<Op['request']>>) =>
    call(
      { ...remote, baseUrl: baseUrl ?? remote.baseUrl, headers: { ...remote.headers, authorization: `Bearer ${text}` } },
      operation,
      input,
    )

  return {
    prove: async () => {
      await tokenFor()
    },
    keyId: () => key.id,
    use: async (next) => {
      const { text, renewAtMs } = await requestToken(remote, { key: next, clock, ...options })
      key = next
      shared = { token: Promise.resolve(text), renewAtMs }
    },
    call: async (operation, input) => {
      const before = tokenFor()
      const text = await before
      try {
        return await callWith(text, operation, input)
      } catch (error) {
        if (!(error instanceof RemoteError) || error.status !== 401) throw error
        // Another call may have got a new one meanwhile: that is good for this one too.
        if (shared?.token === before) shared = undefined
        return callWith(await tokenFor(), operation, input)
      }
    },
  }
}

async function requestToken(
  remote: Remote,
  { key, tokenEndpoint, clientIn, clock }: SessionOptions,
): Promise<{ readonly text: string; readonly renewAtMs: number }> {
  const { origin, pathname } = new URL(tokenEndpoint)
  const askedAtMs = clock().getTime()
  const basic = `Basic ${Buffer.from(`${key.id}:${key.secret}`, 'utf8').toString('base64')}`
  const { value } = await call(
    { ...remote, baseUrl: origin, headers: clientIn === 'basic' ? { authorization: basic } : {} },
    { ...issueToken, path: pathname },
    {
      body: {
        grant_type: 'client_credentials',
        ...(clientIn === 'form' && { client_id: key.id, client_secret: key.secret }),
      },
    },
  )
  return { text: value.access_token, renewAtMs: askedAtMs + Math.max(0, value.expires_in * 1000 - marginMs) }
}
