import type { Call } from '../../directory/call.ts'
import type { Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { serveScimFace } from '../scim/face.ts'
import { face } from './face.ts'
import { serveKeys } from './serve-keys.ts'
import { serveMembers } from './serve-members.ts'
import { serveTokens } from './serve-tokens.ts'
import { parseSinchSettings } from './settings.ts'

/** Serves members and access keys of projects, tokens, and SCIM. */
export function serveSinch(mount: Mount<Call>, services: ServeServices): void {
  const settings = parseSinchSettings(services.settings)
  serveTokens(mount, services)
  serveMembers(mount, services, settings)
  serveKeys(mount, services, settings)
  serveScimFace(mount, services, face)
}
