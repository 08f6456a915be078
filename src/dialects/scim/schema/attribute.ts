export type AttributeType = 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'binary' | 'complex'

/** An attribute with all its characteristics, as data (RFC 7643 §2.2 and §7). What `/Schemas` publishes is this value. */
export interface Attribute {
  readonly name: string
  readonly type: AttributeType
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly canonicalValues?: readonly string[]
  readonly caseExact: boolean
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
  readonly returned: 'always' | 'never' | 'default' | 'request'
  readonly uniqueness: 'none' | 'server' | 'global'
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly Attribute[]
  /** What the attribute is where nobody says anything else. Ours, not published. */
  readonly initially?: string
  /** How many values a list may have where that is not `usualMaxValues`. A bound of ours, not published. */
  readonly maxValues?: number
}

export const usualMaxValues = 1000

export interface Schema {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly Attribute[]
}

/** An attribute with the defaults of RFC 7643 §2.2; references and binaries are case-exact by their type. */
export function attribute(
  name: string,
  description: string,
  rest: Partial<Omit<Attribute, 'name' | 'description'>> = {},
): Attribute {
  const type = rest.type ?? 'string'
  return {
    name,
    type,
    multiValued: false,
    description,
    required: false,
    caseExact: type === 'reference' || type === 'binary',
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...rest,
  }
}

/** A complex attribute of one value. */
export const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  rest: Partial<Attribute> = {},
): Attribute => attribute(name, description, { ...rest, type: 'complex', subAttributes })

/** A list of complex values with the sub-attributes that every such list has (RFC 7643 §2.4). */
export function plural(
  name: string,
  description: string,
  {
    value,
    types = [],
    without = [],
  }: { readonly value: Attribute; readonly types?: readonly string[]; readonly without?: readonly string[] },
): Attribute {
  return complex(
    name,
    description,
    [
      value,
      attribute('display', 'A name for people to read.'),
      attribute('type', 'What the value is for.', types.length > 0 ? { canonicalValues: types } : {}),
      attribute('primary', 'Whether this is the preferred value; at most one is.', { type: 'boolean' }),
    ].filter(({ name: part }) => !without.includes(part)),
    { multiValued: true },
  )
}
