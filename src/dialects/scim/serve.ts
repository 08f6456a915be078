import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { serveConnectionFace } from './connection-face.ts'
import { notOffered } from './errors.ts'
import { scimFaceOperations, serveScimFace, type ScimFace } from './face.ts'
import { serveEvents } from './events/serve.ts'
import { plainIds } from './ids.ts'
import { testResourceType } from './schema/test-resource.ts'
import { serveOAuth } from './oauth-serve.ts'
import { allOffers } from './serve/resources.ts'
import { openDiscoveryOperations, unsupportedOperations } from './wire.ts'

/** The whole of SCIM 2.0, for identity providers: they vouch for people, so that nobody is invited. */
const whole: ScimFace = {
  prefix: '',
  name: '',
  users: allOffers,
  groups: allOffers,
  discovery: ['ServiceProviderConfig', 'Schemas', 'ResourceTypes'],
  serverSchemas: 'listed',
  discoveryOperations: openDiscoveryOperations,
  ids: plainIds,
  entry: 'active',
  sessionsOnSuspend: 'end',
  lifecycle: 'shown',
  removedActive: 'hide',
  extensions: 'own',
  groupsOf: 'peopleAndGroups',
  listing: ['sort', 'cursor'],
  across: ['search', 'bulk'],
  accessTokens: 'taken',
  answers: 'alsoLater',
}

/** The same with a type on which conformance suites try everything; they make up members and addresses too. */
const wholeWithTestResources: ScimFace = { ...whole, stored: [testResourceType], madeUp: 'dropped' }

export const testResourceOperations = scimFaceOperations(wholeWithTestResources).filter(({ path }) =>
  path.startsWith(testResourceType.endpoint),
)

/** Serves SCIM 2.0 for the people and groups of the caller's organization. */
export function serveScim(mount: Mount<Call>, services: ServeServices): void {
  serveFace(mount, services, whole)
}

/** Serves TestResources beside them. */
export function serveScimWithTestResources(mount: Mount<Call>, services: ServeServices): void {
  serveFace(mount, services, wholeWithTestResources)
}

function serveFace(mount: Mount<Call>, services: ServeServices, face: ScimFace): void {
  const mountWhole = keepingOut(mount)
  serveScimFace(mountWhole, services, face)
  serveConnectionFace(mount, services)
  serveOAuth(mount, services)
  serveEvents(mountWhole, services)
  for (const operation of unsupportedOperations) mountWhole(operation, () => Promise.reject(notOffered(operation)))
}

/** Whoever is confined to a connection, such as its OAuth client, has no business but at the connection's address. */
const keepingOut =
  (mount: Mount<Call>): Mount<Call> =>
  (operation, handle) =>
    mount(operation, (call, incoming) => {
      if (call.connectionId !== undefined)
        throw new DirectoryError('foreign', 'This client is for the address of a connection. Send its requests there.')
      return handle(call, incoming)
    })
