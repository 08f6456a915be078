import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Signer } from '../sync/signed.ts'
import type { Home } from './home.ts'

/** Made of the sealing keys, so that every process of an installation has the same. */
export function checkpointSigners({ tokenKeys }: Home): readonly [Signer, ...Signer[]] {
  const [first, ...rest] = tokenKeys('checkpoints').map((seed) => {
    const der = Buffer.concat([ed25519Prefix, seed])
    return createSigner(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }))
  })
  if (!first) throw new TypeError('a home without a sealing key')
  return [first, ...rest]
}

/** What stands before the 32 bytes of an ed25519 key in PKCS #8 (RFC 8410). */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

export function createSigner(privateKey: string): Signer {
  const key = createPrivateKey(privateKey)
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }),
    sign: (bytes) => sign(null, bytes, key),
  }
}
