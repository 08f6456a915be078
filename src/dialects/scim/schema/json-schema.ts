import type { NamedSchema } from '../../../wire/operation.ts'
import type { Attribute } from './attribute.ts'
import { commonAttributes } from './common.ts'
import type { ResourceType } from './resource-type.ts'

// SCIM's resources as JSON Schema, for the description: made of the data that they are checked by.

type JsonSchema = ReturnType<NamedSchema['schema']>
type Direction = 'sent' | 'answered'

/** A resource as the server answers it. Who chooses attributes is still given what is returned `always`. */
export const resourceShape = (type: ResourceType): NamedSchema => ({
  name: type.shapeName ?? type.name,
  schema: () => resourceSchema(type, 'answered'),
})

/** A resource as a caller sends it, whole. */
export const newResourceShape = (type: ResourceType): NamedSchema => ({
  name: `New${type.shapeName ?? type.name}`,
  schema: () => resourceSchema(type, 'sent'),
})

function resourceSchema({ schema, description, extensions }: ResourceType, direction: Direction): JsonSchema {
  const own = [...commonAttributes, ...schema.attributes]
  const required = own.filter((each) => (direction === 'sent' ? each.required : each.returned === 'always'))
  // An extension that only the server writes is nothing that a caller sends.
  const extended = extensions.filter((extension) => extension.schema.attributes.some((each) => isShown(each, direction)))
  return {
    ...objectOf(own, direction),
    description,
    properties: {
      ...propertiesOf(own, direction),
      ...Object.fromEntries(
        extended.map(({ schema: { id, description: about, attributes } }) => [
          id,
          { ...objectOf(attributes, direction), description: about },
        ]),
      ),
    },
    required: required.map(({ name }) => name),
  }
}

const isShown = ({ mutability, returned }: Attribute, direction: Direction): boolean =>
  direction === 'sent' ? mutability !== 'readOnly' : returned !== 'never'

const objectOf = (attributes: readonly Attribute[], direction: Direction): JsonSchema => ({
  type: 'object',
  properties: propertiesOf(attributes, direction),
})

const propertiesOf = (attributes: readonly Attribute[], direction: Direction): JsonSchema =>
  Object.fromEntries(
    attributes
      .filter((each) => isShown(each, direction))
      .map((each) => {
        const one = valueOf(each, direction)
        const { description } = each
        return [each.name, each.multiValued ? { type: 'array', items: one, description } : { ...one, description }]
      }),
  )

function valueOf({ type, canonicalValues, subAttributes = [] }: Attribute, direction: Direction): JsonSchema {
  if (type === 'complex') return objectOf(subAttributes, direction)
  return { ...jsonTypes[type], ...(canonicalValues && { examples: canonicalValues }) }
}

const jsonTypes: Readonly<Record<Exclude<Attribute['type'], 'complex'>, JsonSchema>> = {
  string: { type: 'string' },
  reference: { type: 'string' },
  boolean: { type: 'boolean' },
  decimal: { type: 'number' },
  integer: { type: 'integer' },
  dateTime: { type: 'string', format: 'date-time' },
  binary: { type: 'string', contentEncoding: 'base64' },
}
