import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'

interface Pair {
  readonly privateKey: CryptoKey
  readonly published: JWK
}

/** A provider that signs assertions and publishes its keys on 127.0.0.1. */
export interface Signer {
  readonly keysUrl: string
  /** Signs with the newest key; what is not given is sound, and undefined leaves a claim out. */
  readonly sign: (claims: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, string>>) => Promise<string>
  /** Signs with another key from now on, and publishes that. */
  readonly rotate: () => Promise<void>
  /** How often the keys were read. */
  readonly reads: () => number
  /** What is answered instead of the keys from now on. */
  answer: { readonly status: number; readonly text: string } | undefined
}

export async function openSigner(t: TestContext, clock: () => Date): Promise<Signer> {
  let reads = 0
  let pair = await newPair()
  const server = createServer((_, response) => {
    reads++
    const { status, text } = signer.answer ?? { status: 200, text: JSON.stringify({ keys: [pair.published] }) }
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has such an address
  const { port } = server.address() as AddressInfo
  const signer: Signer = {
    keysUrl: `http://127.0.0.1:${port}/keys`,
    sign: (claims, header = {}) => {
      const now = Math.floor(clock().getTime() / 1_000)
      return new SignJWT({ iat: now, exp: now + 300, jti: randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: pair.published.kid ?? '', ...header })
        .sign(pair.privateKey)
    },
    rotate: async () => void (pair = await newPair()),
    reads: () => reads,
    answer: undefined,
  }
  return signer
}

async function newPair(): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  return { privateKey, published: { ...(await exportJWK(publicKey)), kid: randomUUID(), alg: 'ES256', use: 'sig' } }
}
