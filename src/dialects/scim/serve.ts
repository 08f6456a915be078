import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { serveConnectionFace } from './connection-face.ts'
import { notImplemented } from './errors.ts'
import { serveEvents } from './events/serve.ts'
import { serveScimFace, type ScimFace } from './face.ts'
import { plainIds } from './ids.ts'
import { allOffers } from './serve/resources.ts'
import { openDiscoveryOperations, unsupportedOperations } from './wire.ts'

/** The whole of SCIM 2.0, for identity providers: they vouch for people, so that nobody is invited. */
const whole: ScimFace = {
  prefix: '',
  name: '',
  users: allOffers,
  groups: allOffers,
  discovery: ['ServiceProviderConfig', 'Schemas', 'ResourceTypes'],
  discoveryOperations: openDiscoveryOperations,
  ids: plainIds,
  admit: async () => {},
  entry: 'active',
  sessionsOnSuspend: 'end',
  lifecycle: 'shown',
  answers: 'alsoLater',
}

/** Serves SCIM 2.0 for the people and groups of the caller's organization. */
export function serveScim(mount: Mount<Call>, services: ServeServices): void {
  serveScimFace(mount, services, whole)
  serveConnectionFace(mount, services)
  serveEvents(mount, services)
  for (const operation of unsupportedOperations)
    mount(operation, () =>
      Promise.reject(
        new DirectoryError(
          'unsupported',
          `${operation.method} ${operation.path} is not offered here. See /ServiceProviderConfig.`,
          { code: notImplemented },
        ),
      ),
    )
}
