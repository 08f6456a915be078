import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import type { JsonObject } from '../directory/json.ts'
import type { TokenSigner } from '../directory/token-signer.ts'

/** Signs with an ed25519 key (RFC 8037), which goes by its thumbprint (RFC 7638). */
export function createTokenSigner(privateKeyPem: string): TokenSigner {
  const key = createPrivateKey(privateKeyPem)
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')
  const jwk: JsonObject = { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' }
  return {
    keys: [jwk],
    sign: async (claims, type) => {
      // Loaded with the first token: a hub that tells nobody anything does without.
      const { SignJWT } = await import('jose')
      return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA', kid, typ: type }).sign(key)
    },
  }
}
