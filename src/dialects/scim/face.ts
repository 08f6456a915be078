import { randomBytes } from 'node:crypto'
import { asReader, type Call } from '../../directory/call.ts'
import type { Directory } from '../../directory/directory.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Extension } from '../../directory/extension.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import type { Membership } from '../../directory/membership.ts'
import type { Operation } from '../../wire/operation.ts'
import type { Incoming, Mount } from '../../wire/serve.ts'
import type { Problem, ProblemReply, ServeServices } from '../dialect.ts'
import { readBearer, readToken } from './credentials.ts'
import { scimProblem } from './errors.ts'
import { eventUris } from './events/event.ts'
import { answeringLater } from './events/respond-async.ts'
import type { ScimIds } from './ids.ts'
import { extendedType } from './schema/extended-type.ts'
import { lifecycleSchema } from './schema/lifecycle.ts'
import {
  applicationGroupType,
  applicationUserType,
  groupType,
  nestedGroupType,
  userType,
  type ResourceType,
} from './schema/resource-type.ts'
import { readAccessToken } from './oauth-token.ts'
import { serverSchemas } from './schema/server-schemas.ts'
import { createCursors } from './serve/cursor.ts'
import { serveDiscovery } from './serve/discovery.ts'
import type { Binding } from './serve/binding.ts'
import { serveAcross } from './serve/across.ts'
import { bindGroups } from './serve/groups.ts'
import { bindStored } from './serve/stored.ts'
import { servePerOrganization } from './serve/per-organization.ts'
import { allOffers, serveResources, type Offer, type Served } from './serve/resources.ts'
import type { Listing, PageSize } from './serve/search-request.ts'
import { bindUsers } from './serve/users.ts'
import {
  acrossOperations,
  discoveryOperations,
  resourceOperations,
  type DiscoveryOperations,
  type Place,
  type ResourceOperations,
} from './wire.ts'

export type { Offer } from './serve/resources.ts'

/** What is known of a request when a face decides whether to let it in. */
export type Visitor = Pick<Incoming<Operation>, 'params' | 'headers' | 'url'>

/** SCIM as one API offers it: a profile of the one engine. */
export interface ScimFace {
  /** Below the dialect's base, without a trailing slash: `/scim/v2/Organizations/:organizationSid`. */
  readonly prefix: string
  /** What the names of its operations start with, so that they are unique in the dialect; `scim` unless said otherwise. */
  readonly name?: string
  /** What is not offered is not mounted, and answered as any path or method that the dialect does not have. */
  readonly users: readonly Offer[]
  /** Without any, a User shows no groups. */
  readonly groups: readonly Offer[]
  /** Each with its parts. Callers need a credential, unless `discoveryOperations` says otherwise. */
  readonly discovery: readonly (keyof DiscoveryOperations)[]
  readonly discoveryOperations?: DiscoveryOperations
  /** Whether `/Schemas` has the schemas of what discovery itself answers with; `missing` unless said otherwise. */
  readonly serverSchemas?: 'listed' | 'missing'
  readonly ids: ScimIds
  /** The gate, before anything is read or changed; throws DirectoryError: planGate, ssoGate, foreign, wrongCredential. Open operations pass it too. Without it all come in who were authenticated. */
  readonly admit?: (call: Call, visitor: Visitor, services: ServeServices) => Promise<void>
  /** What becomes of a User that is created. */
  readonly entry: 'active' | 'invited'
  /** What becomes of the sessions of somebody who is suspended. */
  readonly sessionsOnSuspend: 'end' | 'keep'
  /** Which member of a list comes first; some clients take the first list that they find. */
  readonly listOrder?: Served['listOrder']
  /** 100 and 1,000 unless said otherwise. */
  readonly pageSize?: PageSize
  /** Ways of listing beside position; none unless said otherwise, and what is not offered is ignored. Cursors need plain ids. */
  readonly listing?: readonly Listing[]
  /** What becomes of ids of members and of e-mail addresses that are none: `refused` unless said otherwise. Only a suite that makes them up wants them dropped. */
  readonly madeUp?: 'refused' | 'dropped'
  /** What spans resource types; nothing unless said otherwise. */
  readonly across?: readonly ('bulk' | 'search')[]
  /** Further types, offered in every way and kept whole. */
  readonly stored?: readonly ResourceType[]
  /** What a PUT without `active` means: `keep` unless said otherwise. */
  readonly omittedActive?: 'keep' | 'activate'
  /** What a PATCH that removes `active` means: nothing, unless said otherwise, or that it is not shown from then on. */
  readonly removedActive?: 'keep' | 'hide'
  /** What a group may hold: people, whose names are told, unless said otherwise; with groups, the names of all are told on request. Groups in groups need plain ids. */
  readonly groupsOf?: 'people' | 'peopleAndGroups'
  /** With `email`, userName must be the person's address, and becomes the first e-mail address of who has none. */
  readonly userName?: 'text' | 'email'
  /** Whether our own extension tells invited from active: `hidden` unless said otherwise. */
  readonly lifecycle?: 'shown' | 'hidden'
  /** Whether Users and Groups have what the organization defined beyond the RFC; `missing` unless said otherwise. */
  readonly extensions?: 'own' | 'missing'
  /** With `alsoLater`, events are told and writes may be answered by one (RFC 9967). */
  readonly answers?: 'alsoLater'
  /** Whether access tokens of OAuth 2.0 are taken beside bearer tokens: `refused` unless said otherwise. */
  readonly accessTokens?: 'taken' | 'refused'
  /** What our own extension says of people beside it, by membership id; its attributes are named by `applicationUserType`. */
  readonly provisionings?: (
    call: Call,
    members: readonly Membership[],
    services: ServeServices,
  ) => Promise<ReadonlyMap<string, JsonObject>>
  /** Members that errors have beside those of the RFC. */
  readonly extraErrorMembers?: (problem: Problem) => Readonly<Record<string, Json>>
}

const operationOf: Readonly<Record<Offer, keyof ResourceOperations>> = {
  list: 'list',
  create: 'create',
  read: 'read',
  replace: 'replace',
  patch: 'patch',
  delete: 'remove',
  search: 'search',
}

/** The operations that a face offers, for the dialect that it is part of. */
export function scimFaceOperations(face: ScimFace): readonly Operation[] {
  const place = placeOf(face)
  const users = resourceOperations(userTypeOf(face), place)
  const groups = resourceOperations(groupTypeOf(face), place)
  return [
    ...face.users.map((offer) => users[operationOf[offer]]),
    ...face.groups.map((offer) => groups[operationOf[offer]]),
    ...(face.stored ?? []).flatMap((type) => Object.values(resourceOperations(type, place))),
    ...offeredAcross(face),
    ...Object.values(offeredDiscovery(face)).flat(),
  ]
}

/** Serves SCIM 2.0 for the people and groups of the caller's organization, as the face has it. */
export function serveScimFace(mount: Mount<Call>, services: ServeServices, face: ScimFace): void {
  const place = placeOf(face)
  const { directory } = services
  const { pageSize = { usual: 100, most: 1000 }, listing = [] } = face
  const { admit } = face
  const admitting: Mount<Call> = admit
    ? (operation, handle) =>
        mount(operation, async (call, incoming) => {
          await admit(call, incoming, services)
          return handle(call, incoming)
        })
    : mount
  const baseOf = (call: Call, params: Readonly<Record<string, string>>) =>
    face.prefix === '' ? services.baseUrlOf(call) : services.baseUrlOf(call) + fillPath(face.prefix, params)
  const cursors = createCursors(services.tokenKeys.length > 0 ? services.tokenKeys : [randomBytes(32)])
  const serveTypes = (mountType: Mount<Call>, extensions: readonly Extension[]) => {
    const offered = bindingsOf(services, face, extensions)
    const shared = { baseOf, pageSize, listOrder: face.listOrder ?? 'schemasFirst', listing, cursors }
    const writing = answeringLater(mountType, services)
    for (const { binding, offers } of offered)
      serveResources(writing, resourceOperations(binding.type, place), { ...shared, binding, offers })
    const bindings = offered.flatMap(({ binding, offers }) => (offers.length > 0 ? [binding] : []))
    serveAcross(mountType, offeredAcross(face), { place, bindings, baseOf, pageSize })
  }
  if (face.extensions === 'own') servePerOrganization(admitting, serveTypes, (call) => extensionsOf(directory, call))
  else serveTypes(admitting, [])

  const types = bindingsOf(services, face, []).flatMap(({ binding, offers }) => (offers.length > 0 ? [binding.type] : []))
  serveDiscovery(admitting, offeredDiscovery(face), {
    typesFor: async (call, authorization) => {
      const caller = face.extensions === 'own' ? await callerOf(services, { call, authorization }) : undefined
      if (caller?.extensionsRevision === undefined) return types
      const extensions = await extensionsOf(directory, caller)
      return types.map((type) => extendedType(type, extensions))
    },
    furtherSchemas: face.serverSchemas === 'listed' ? serverSchemas : [],
    bulk: face.across?.includes('bulk') ? 'offered' : 'missing',
    baseOf,
    pageSize,
    listing,
    patch: face.users.includes('patch') ? 'offered' : 'missing',
    eventUris: face.answers === 'alsoLater' ? eventUris : undefined,
    tellsEvents: async (call, authorization) => {
      const caller = await callerOf(services, { call, authorization })
      return caller !== undefined && directory.tellsEvents(asReader(caller), undefined)
    },
    accessTokens: face.accessTokens ?? 'refused',
  })
}

/** The resource types of a face on the directory, with what an organization says of them beyond the RFC. */
function bindingsOf(
  services: ServeServices,
  face: ScimFace,
  extensions: readonly Extension[],
): readonly { readonly binding: Binding; readonly offers: readonly Offer[] }[] {
  const { directory } = services
  const { ids, madeUp = 'refused' } = face
  const users = bindUsers(directory, {
    type: extendedType(userTypeOf(face), extensions),
    ids,
    lifecycle: face.lifecycle ?? 'hidden',
    entry: face.entry,
    sessionsOnSuspend: face.sessionsOnSuspend,
    groups: face.groups.length > 0 ? 'shown' : 'hidden',
    omittedActive: face.omittedActive ?? 'keep',
    removedActive: face.removedActive ?? 'keep',
    userName: face.userName ?? 'text',
    madeUp,
    provisionings: face.provisionings && ((call, members) => face.provisionings!(call, members, services)),
  })
  return [
    { binding: users, offers: face.users },
    {
      binding: bindGroups(directory, {
        ids,
        madeUp,
        type: extendedType(groupTypeOf(face), extensions),
        holding: face.groupsOf ?? 'people',
      }),
      offers: face.groups,
    },
    ...(face.stored ?? []).map((type) => ({ binding: bindStored(directory, type), offers: allOffers })),
  ]
}

const extensionsOf = (directory: Directory, call: Call): Promise<readonly Extension[]> =>
  directory.listExtensions(asReader(call), undefined)

/** A problem as a face spells it: a SCIM error, with the members that the face adds. */
export function scimFaceProblem(problem: Problem, face: ScimFace): ProblemReply {
  const reply = scimProblem(problem)
  if (!face.extraErrorMembers) return reply
  return { ...reply, text: JSON.stringify({ ...JSON.parse(reply.text), ...face.extraErrorMembers(problem) }) }
}

/** A User without our own extension, where that is hidden. */
const userTypeOf = ({ lifecycle, provisionings }: ScimFace): ResourceType =>
  lifecycle !== 'shown'
    ? { ...userType, extensions: userType.extensions.filter(({ schema }) => schema !== lifecycleSchema) }
    : provisionings
      ? applicationUserType
      : userType

const groupTypeOf = ({ groupsOf, provisionings }: ScimFace): ResourceType =>
  groupsOf === 'peopleAndGroups' ? nestedGroupType : provisionings ? applicationGroupType : groupType

/** Who asks where discovery is open: it takes a token only to tell what is its organization's own, and one that proves nothing for none. */
async function callerOf(
  { identify }: ServeServices,
  { call, authorization }: { readonly call: Call; readonly authorization: string | undefined },
): Promise<Call | undefined> {
  if (call.organizationId !== '') return call
  const presented = readBearer(authorization) ?? readAccessToken(readToken(authorization))
  if (!presented) return undefined
  try {
    const caller = await identify(presented, call)
    // Who is confined to a connection has its address to ask.
    return caller.connectionId === undefined ? caller : undefined
  } catch (error) {
    if (error instanceof DirectoryError && (error.refusal === 'unauthenticated' || error.refusal === 'wrongCredential'))
      return undefined
    throw error
  }
}

const offeredAcross = (face: ScimFace): readonly Operation[] => {
  const { list, search, bulk } = acrossOperations(placeOf(face))
  return (face.across ?? []).flatMap((part): readonly Operation[] => (part === 'bulk' ? [bulk] : [list, search]))
}

const placeOf = ({ prefix, name = 'scim', answers }: ScimFace): Place => ({ prefix, name, ...(answers && { answers }) })

function offeredDiscovery(face: ScimFace): Partial<DiscoveryOperations> {
  const all = face.discoveryOperations ?? discoveryOperations(placeOf(face))
  return Object.fromEntries(face.discovery.map((part) => [part, all[part]]))
}

const fillPath = (path: string, params: Readonly<Record<string, string>>): string =>
  path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
