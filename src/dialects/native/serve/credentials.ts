import type { Call } from '../../../directory/call.ts'
import { duties, type Duty, type Scope } from '../../../directory/credential.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { toCredential } from '../translate.ts'
import * as wire from '../wire/credentials.ts'
import { idIn } from './request.ts'

const connectionKind = 'scimconnection'
/** A client of OAuth 2.0, of the organization or of one connection. */
const clientKind = 'scimclient'
/** Where the SCIM dialect hands out tokens, at the root of the server. */
const tokenPath = '/oauth2/token'

export function serveCredentials(mount: Mount<Call>, { directory, engine, startingCredentials, baseUrlOf }: ServeServices): void {
  mount(wire.listCredentials, async (call) => ({
    value: { items: (await directory.listCredentials(call, undefined)).map(toCredential) },
  }))
  mount(wire.createCredential, async (call, { body }) => {
    const { connectionId } = body
    const kind = body.kind ?? (connectionId === undefined ? 'native' : connectionKind)
    await checkConnection(call, kind, connectionId)
    const { credential, secret } = await directory.createCredential(call, {
      kind,
      name: body.name,
      scopes: scopesOf(kind, body.duty),
      expiresAt: body.expiresAt,
      ...(connectionId !== undefined && { connectionId }),
    })
    const tokenUrl = kind === clientKind ? tokenUrlOf(call) : undefined
    return { value: { credential: toCredential(credential), key: secret, tokenUrl } }
  })
  mount(wire.createAssertingClient, async (call, { body }) => {
    const { name, expiresAt, connectionId, issuer, keysUrl, subject, audience } = body
    await checkConnection(call, clientKind, connectionId)
    const tokenUrl = tokenUrlOf(call)
    const client = await directory.createAssertingClient(call, {
      kind: clientKind,
      name,
      scopes: scopesOf(clientKind, undefined),
      expiresAt,
      ...(connectionId !== undefined && { connectionId }),
      assertion: { issuer, keysUrl, subject, audience: audience ?? tokenUrl },
    })
    return { value: { credential: toCredential(client), tokenUrl } }
  })
  mount(wire.revokeCredential, async (call, { params }) => ({
    value: toCredential(await directory.revokeCredential(call, { id: idIn(params, 'credentialId') })),
  }))

  function tokenUrlOf(call: Call): string {
    return baseUrlOf(call).replace(/\/api\/v1$/, '') + tokenPath
  }

  /** The token of a connection's SCIM address is of a kind of its own, which is good for nothing else. */
  async function checkConnection(call: Call, kind: string, connectionId: string | undefined): Promise<void> {
    const refuse = (message: string) => new DirectoryError('invalid', message, { field: 'connectionId' })
    const isFitting = kind === clientKind || (kind === connectionKind) === (connectionId !== undefined)
    if (!isFitting)
      throw refuse(
        `A credential of the kind ${connectionKind} or ${clientKind}, and no other, is made for a connection: name it by connectionId.`,
      )
    if (connectionId === undefined) return
    if (!engine) throw refuse('There are no connections here.')
    await engine.getApplication(call, { connectionId })
  }

  /** A native key carries the scopes of its duty, a credential of another kind those that its dialect starts with. */
  function scopesOf(kind: string, duty: Duty | undefined): readonly Scope[] {
    if (kind === 'native') {
      if (!duty)
        throw new DirectoryError('invalid', `Say what the key is for: duty is one of ${Object.keys(duties).join(', ')}.`, {
          field: 'duty',
        })
      return duties[duty]
    }
    if (duty) throw new DirectoryError('invalid', 'Only a native key has a duty. Leave it out.', { field: 'duty' })
    const scopes = startingCredentials.find((starting) => starting.kind === kind)?.scopes
    if (scopes) return scopes
    const kinds = startingCredentials.map((starting) => starting.kind)
    throw new DirectoryError('invalid', `There is no such kind of credential. There are: ${kinds.join(', ')}.`, { field: 'kind' })
  }
}
