import { z } from 'zod'
import type { Call } from '../../directory/call.ts'
import { parseSecret, type Presented } from '../../directory/credential.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import type { Operation } from '../../wire/operation.ts'
import type { Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { parseSettings } from '../settings.ts'
import { applicationOf, enterApplication } from './connection-call.ts'
import { groupsOfApplications } from './connection-groups.ts'
import { peopleOfApplications } from './connection-people.ts'
import { credentialKind, readToken } from './credentials.ts'
import { readAccessToken } from './oauth-token.ts'
import { scimFaceOperations, serveScimFace, type ScimFace } from './face.ts'
import { notOffered } from './errors.ts'
import { plainIds } from './ids.ts'
import { allOffers } from './serve/resources.ts'
import { unsupportedBulk } from './wire.ts'

/** The kind of a token that is confined to one connection. It is good for that connection's address and for nothing else. */
export const connectionCredentialKind = 'scimconnection'

const prefix = '/connections/:connectionId'

/** A connection as an application of its own: assigning somebody here gives them an account there. */
const connectionFace: ScimFace = {
  prefix,
  name: 'connection',
  users: allOffers,
  groups: allOffers,
  discovery: ['ServiceProviderConfig', 'Schemas', 'ResourceTypes'],
  serverSchemas: 'listed',
  ids: plainIds,
  entry: 'active',
  sessionsOnSuspend: 'keep',
  lifecycle: 'shown',
  listing: ['cursor'],
  accessTokens: 'taken',
  provisionings: async (call, members, { engine }) => {
    const provisionings = await engine?.provisionings(call, { connectionId: applicationOf(call).connectionId, members })
    return new Map(
      [...(provisionings ?? [])].map(([id, { state, detail }]): [string, JsonObject] => [
        id,
        { provisioning: state, ...(detail !== undefined && { provisioningDetail: detail }) },
      ]),
    )
  },
}

/** Each write waits for the vendor: many in one request would have to wait too long. */
const noBulk = unsupportedBulk({ prefix, name: 'connection' })

export const connectionOperations: readonly Operation[] = [...scimFaceOperations(connectionFace), noBulk]

const Settings = z.strictObject({
  /** How long a write at a connection's address waits for the vendor. */
  vendorWaitMs: z.int().min(0).max(25_000).default(10_000),
})

/** Throws ConfigError with the first setting that is wrong. */
export const parseScimSettings = (settings: Json | undefined): z.output<typeof Settings> =>
  parseSettings('scim', Settings, settings)

/** Serves the address of each connection; without a lifecycle engine there are none. */
export function serveConnectionFace(mount: Mount<Call>, services: ServeServices): void {
  const { engine, directory } = services
  const { vendorWaitMs } = parseScimSettings(services.settings)
  if (!engine) return
  const entering: Mount<Call> = (operation, handle) =>
    mount(operation, async (call, incoming) =>
      handle(await enterApplication(engine, call, incoming.params['connectionId']), incoming),
    )
  const seen = {
    ...directory,
    ...peopleOfApplications(directory, engine, { waitMs: vendorWaitMs }),
    ...groupsOfApplications(directory),
  }
  serveScimFace(entering, { ...services, directory: seen }, connectionFace)
  entering(noBulk, () => Promise.reject(notOffered(noBulk)))
}

/** The token of a request: at the address of a connection that of the organization or of the connection, elsewhere only the organization's. An access token says nothing of that itself: its client is looked at by the face. */
export function readPresented(header: string | undefined, { path }: Pick<Operation, 'path'>): Presented | undefined {
  const secret = readToken(header)
  const parsed = parseSecret(secret)
  if (!parsed) return readAccessToken(secret)
  const isConfined = path.startsWith(prefix) && parsed.kind === connectionCredentialKind
  return { kind: isConfined ? connectionCredentialKind : credentialKind, identifier: parsed.identifier, secret }
}
