import { isObject, type Resource } from './resource.ts'

const written = Symbol('written')

/** A resource as JSON, with all that is shown unasked and nothing else. */
export interface ResourceText {
  readonly [written]: true
  readonly id: string
  readonly version: string
  readonly location: string
  readonly text: string
}

/** A resource on its way to a caller, as data or written already. */
export type Shown = Resource | ResourceText

export const resourceText = ({ id, version, location, text }: Omit<ResourceText, typeof written>): ResourceText => ({
  [written]: true,
  id,
  version,
  location,
  text,
})

export const isText = (resource: Shown): resource is ResourceText => written in resource

export const textOf = (resource: Shown): string => (isText(resource) ? resource.text : JSON.stringify(resource))

/** What the head of an answer tells of a resource. */
export function metaOf(resource: Shown, name: 'version' | 'location'): string {
  if (isText(resource)) return resource[name]
  const { meta } = resource
  const value = isObject(meta) ? meta[name] : undefined
  if (typeof value !== 'string') throw new TypeError(`a binding answered a resource without meta.${name}`)
  return value
}
