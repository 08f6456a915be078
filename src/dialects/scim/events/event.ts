import type { Fact } from '../../../directory/fact.ts'
import type { Json, JsonObject } from '../../../directory/json.ts'
import { lifecycleSchema } from '../schema/lifecycle.ts'

/** What RFC 9967 §2.4 calls the events that are told here. Data is never sent along: whoever may know it reads the resource. */
export const eventUris = [
  'urn:ietf:params:scim:event:prov:create:notice',
  'urn:ietf:params:scim:event:prov:patch:notice',
  'urn:ietf:params:scim:event:prov:activate',
  'urn:ietf:params:scim:event:prov:deactivate',
  'urn:ietf:params:scim:event:prov:delete',
  'urn:ietf:params:scim:event:misc:asyncresp',
] as const
type EventUri = (typeof eventUris)[number]

export interface ScimEvent {
  readonly uri: EventUri
  /** Of the resource, below the base: `/Users/…`. */
  readonly resource: string
  readonly id: string | undefined
  readonly payload: JsonObject
}

/** A fact as an event; undefined for what is none (`isEvent` of the directory). */
export function toEvent({ action, subject, detail }: Pick<Fact, 'action' | 'subject' | 'detail'>): ScimEvent | undefined {
  const user = { resource: `/Users/${subject}`, id: subject }
  const group = { resource: `/Groups/${subject}`, id: subject }
  switch (action) {
    case 'member.added':
      return { ...user, uri: eventUris[0], payload: { attributes: attributesOf(detail) } }
    case 'member.changed':
      return { ...user, uri: eventUris[1], payload: { attributes: namesIn(detail['changed']) } }
    case 'member.accepted':
      return { ...user, uri: eventUris[1], payload: { attributes: [`${lifecycleSchema.id}:lifecycle`] } }
    case 'member.resumed':
      return { ...user, uri: eventUris[2], payload: {} }
    case 'member.suspended':
      return { ...user, uri: eventUris[3], payload: {} }
    case 'member.removed':
      return { ...user, uri: eventUris[4], payload: {} }
    case 'group.created':
      return { ...group, uri: eventUris[0], payload: { attributes: ['displayName'] } }
    case 'group.changed':
      return { ...group, uri: eventUris[1], payload: { attributes: ['displayName'] } }
    case 'group.membersAdded':
    case 'group.membersRemoved':
      return { ...group, uri: eventUris[1], payload: { attributes: ['members'] } }
    case 'group.removed':
      return { ...group, uri: eventUris[4], payload: {} }
    case 'request.answered': {
      const { path, ...payload } = detail
      return { uri: eventUris[5], resource: typeof path === 'string' ? path : '/', id: undefined, payload }
    }
    default:
      return undefined
  }
}

/** What a new member certainly has. */
const attributesOf = ({ email, roleIds }: JsonObject): readonly string[] => [
  'userName',
  'active',
  ...(typeof email === 'string' ? ['emails'] : []),
  ...(Array.isArray(roleIds) && roleIds.length > 0 ? ['roles'] : []),
]

/** The directory's names are SCIM's, but for one. */
const namesIn = (changed: Json | undefined): readonly string[] =>
  Array.isArray(changed) ? changed.map((name) => (name === 'roleIds' ? 'roles' : String(name))) : []
