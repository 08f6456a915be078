import type { Attribute, Schema } from './attribute.ts'
import { commonAttributes } from './common.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'
import { groupSchema, nestedGroupSchema } from './group.ts'
import { applicationLifecycleSchema, lifecycleSchema } from './lifecycle.ts'
import { userSchema } from './user.ts'

/** A kind of resource, as data (RFC 7643 §6). */
export interface ResourceType {
  readonly name: string
  /** Below the base: `/Users`. */
  readonly endpoint: string
  readonly description: string
  readonly schema: Schema
  readonly extensions: readonly { readonly schema: Schema; readonly required: boolean }[]
  /** What it is called in the OpenAPI document, where its name stands for another shape there. */
  readonly shapeName?: string
}

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: 'A person in the organization.',
  schema: userSchema,
  extensions: [
    { schema: enterpriseUserSchema, required: false },
    { schema: lifecycleSchema, required: false },
  ],
}

/** A User at the address of a connection. */
export const applicationUserType: ResourceType = {
  ...userType,
  shapeName: 'ApplicationUser',
  extensions: [
    { schema: enterpriseUserSchema, required: false },
    { schema: applicationLifecycleSchema, required: false },
  ],
}

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'People under one name.',
  schema: groupSchema,
  extensions: [],
}

/** A Group at the address of a connection. */
export const applicationGroupType: ResourceType = { ...groupType, shapeName: 'ApplicationGroup' }

/** A Group that holds groups too, and tells the names of its members on request alone. */
export const nestedGroupType: ResourceType = {
  ...groupType,
  description: 'People and groups under one name.',
  schema: nestedGroupSchema,
}

/** An attribute that can be found by any spelling of its name. */
export interface IndexedAttribute extends Attribute {
  /** By lower-case name. */
  readonly subs: ReadonlyMap<string, IndexedAttribute>
}

/** Where a name leads: an attribute of the type or of an extension, and a sub-attribute where one was named. */
export interface Target {
  /** The URN of the extension that holds the attribute; undefined for the type's own. */
  readonly extension: string | undefined
  readonly attribute: IndexedAttribute
  readonly sub: IndexedAttribute | undefined
}

export interface IndexedSchema {
  readonly id: string
  readonly required: boolean
  /** By lower-case name. */
  readonly attributes: ReadonlyMap<string, IndexedAttribute>
}

/** A resource type with every look-up made once. */
export interface IndexedType extends ResourceType {
  /** The type's own and the common attributes, by lower-case name. */
  readonly attributes: ReadonlyMap<string, IndexedAttribute>
  /** By lower-case URN. */
  readonly extensionsByUrn: ReadonlyMap<string, IndexedSchema>
  /** By lower-case name in standard notation (RFC 7644 §3.10): `username`, `name.givenname`, `urn:…:user:manager.value`. */
  readonly targets: ReadonlyMap<string, Target>
  /** Names of members, extensions included, that hold something which no answer shows unasked. */
  readonly hidden: readonly string[]
}

export function indexType(type: ResourceType): IndexedType {
  const common = indexAttributes(commonAttributes)
  const own = indexAttributes(type.schema.attributes)
  const targets = new Map<string, Target>()
  const extensionsByUrn = new Map<string, IndexedSchema>()
  addTargets(targets, '', common)
  addTargets(targets, '', own)
  addTargets(targets, `${type.schema.id}:`, common)
  addTargets(targets, `${type.schema.id}:`, own)
  for (const { schema, required } of type.extensions) {
    const attributes = indexAttributes(schema.attributes)
    extensionsByUrn.set(schema.id.toLowerCase(), { id: schema.id, required, attributes })
    addTargets(targets, `${schema.id}:`, attributes, schema.id)
  }
  const attributes = new Map([...common, ...own])
  const hidden = [
    ...[...attributes.values()].filter(isHidden).map(({ name }) => name),
    ...[...extensionsByUrn.values()].filter((extension) => [...extension.attributes.values()].some(isHidden)).map(({ id }) => id),
  ]
  return { ...type, attributes, extensionsByUrn, targets, hidden }
}

const isHidden = (attribute: IndexedAttribute): boolean =>
  attribute.returned === 'never' || attribute.returned === 'request' || [...attribute.subs.values()].some(isHidden)

/** Where a name leads, whatever its case; undefined for a name that the type does not have. */
export const findTarget = (type: IndexedType, name: string): Target | undefined => type.targets.get(name.toLowerCase())

function indexAttributes(attributes: readonly Attribute[]): ReadonlyMap<string, IndexedAttribute> {
  return new Map(
    attributes.map((attribute) => [
      attribute.name.toLowerCase(),
      { ...attribute, subs: indexAttributes(attribute.subAttributes ?? []) },
    ]),
  )
}

function addTargets(
  targets: Map<string, Target>,
  prefix: string,
  attributes: ReadonlyMap<string, IndexedAttribute>,
  extension?: string,
): void {
  for (const attribute of attributes.values()) {
    const name = `${prefix}${attribute.name}`.toLowerCase()
    targets.set(name, { extension, attribute, sub: undefined })
    for (const [subName, sub] of attribute.subs) targets.set(`${name}.${subName}`, { extension, attribute, sub })
  }
}
