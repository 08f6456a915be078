import { DirectoryError } from './errors.ts'

export const attributeTypes = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex'] as const
export const mutabilities = ['readOnly', 'readWrite', 'immutable', 'writeOnly'] as const
export const returnedKinds = ['always', 'never', 'default', 'request'] as const
export const uniquenessKinds = ['none', 'server'] as const
export const referenceTargets = ['User', 'Group', 'external', 'uri'] as const

/** An attribute of an extension with every characteristic of RFC 7643 §7. */
export interface ExtensionAttribute {
  readonly name: string
  readonly type: (typeof attributeTypes)[number]
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  /** Values that are suggested; others may be given. */
  readonly canonicalValues?: readonly string[]
  readonly caseExact: boolean
  readonly mutability: (typeof mutabilities)[number]
  readonly returned: (typeof returnedKinds)[number]
  readonly uniqueness: (typeof uniquenessKinds)[number]
  readonly referenceTypes?: readonly (typeof referenceTargets)[number][]
  readonly subAttributes?: readonly ExtensionAttribute[]
}

/** What is left out is as RFC 7643 §2.2 has it. */
export type AttributeInput = {
  readonly [Name in Exclude<keyof ExtensionAttribute, 'name' | 'subAttributes'>]?: ExtensionAttribute[Name] | undefined
} & { readonly name: string; readonly subAttributes?: readonly AttributeInput[] | undefined }

const mostAttributes = 100
const mostSubAttributes = 50
const mostSuggestions = 100
const longestName = 64
const longestText = 1_000

interface Place {
  /** Of the request: `attributes`. */
  readonly field: string
  /** The complex attribute that these are parts of. */
  readonly within?: string | undefined
}

/** Attributes with every characteristic said; refuses as `invalid` what RFC 7643 does not allow, or what could not be kept. */
export function checkAttributes(inputs: readonly AttributeInput[], place: Place): readonly ExtensionAttribute[] {
  const { field, within } = place
  const most = within === undefined ? mostAttributes : mostSubAttributes
  if (inputs.length === 0 || inputs.length > most)
    throw refusal(`Give ${within === undefined ? 'the extension' : `"${within}"`} 1 to ${most} attributes.`, field)
  const seen = new Set<string>()
  return inputs.map((input, index) => {
    const at = `${field}.${index}`
    const attribute = checkAttribute(input, { ...place, field: at })
    const key = attribute.name.toLowerCase()
    if (seen.has(key)) throw refusal(`"${attribute.name}" is there twice; case does not tell names apart.`, `${at}.name`)
    seen.add(key)
    return attribute
  })
}

function checkAttribute(input: AttributeInput, { field, within }: Place): ExtensionAttribute {
  const { type = 'string', canonicalValues, referenceTypes, subAttributes } = input
  const name = checkName(input.name, { field, type, within })
  const description = input.description ?? name
  if (description.length > longestText)
    throw refusal(`A description has at most ${longestText} characters.`, `${field}.description`)
  const isExactByType = type === 'reference' || type === 'binary'
  const attribute: ExtensionAttribute = {
    name,
    type,
    multiValued: input.multiValued ?? false,
    description,
    required: input.required ?? false,
    ...(canonicalValues && { canonicalValues }),
    caseExact: input.caseExact ?? isExactByType,
    mutability: input.mutability ?? 'readWrite',
    returned: input.returned ?? 'default',
    uniqueness: input.uniqueness ?? 'none',
    ...(referenceTypes && { referenceTypes }),
    ...(type === 'complex' && {
      subAttributes: checkAttributes(subAttributes ?? [], { field: `${field}.subAttributes`, within: name }),
    }),
  }
  const refuse = (message: string, characteristic: string) => refusal(`"${name}": ${message}`, `${field}.${characteristic}`)
  if (within !== undefined && type === 'complex') throw refuse('A sub-attribute is not complex itself (RFC 7643 §2.3.8).', 'type')
  if (within !== undefined && attribute.mutability === 'readOnly')
    throw refuse('A sub-attribute is replaced with its attribute: make the whole attribute readOnly instead.', 'mutability')
  if (within !== undefined && attribute.multiValued) throw refuse('A sub-attribute has one value.', 'multiValued')
  if (type !== 'complex' && subAttributes) throw refuse('Only a complex attribute has sub-attributes.', 'subAttributes')
  if (isExactByType && !attribute.caseExact) throw refuse(`A ${type} is always compared with its case.`, 'caseExact')
  if (type === 'reference' && !referenceTypes?.length)
    throw refuse(`Say what a reference leads to: some of ${referenceTargets.join(', ')}.`, 'referenceTypes')
  if (type !== 'reference' && referenceTypes) throw refuse('Only a reference has referenceTypes.', 'referenceTypes')
  if (canonicalValues && (type === 'complex' || type === 'boolean'))
    throw refuse(`A ${type} attribute has no canonicalValues.`, 'canonicalValues')
  if (canonicalValues && (canonicalValues.length > mostSuggestions || canonicalValues.some((text) => text.length > longestText)))
    throw refuse(`At most ${mostSuggestions} values, each of at most ${longestText} characters.`, 'canonicalValues')
  if (attribute.mutability === 'writeOnly' && attribute.returned !== 'never')
    throw refuse('What is writeOnly is returned "never".', 'returned')
  if (attribute.mutability === 'readOnly' && attribute.required)
    throw refuse('Nobody could give what is readOnly and required.', 'required')
  if (attribute.uniqueness === 'server' && (type === 'complex' || type === 'boolean'))
    throw refuse(
      `A ${type} attribute cannot be unique${type === 'complex' ? '; one of its sub-attributes can' : ''}.`,
      'uniqueness',
    )
  return attribute
}

/** RFC 7643 §2.1, and `$ref` for a reference within a complex attribute. */
function checkName(name: string, { field, type, within }: Place & { readonly type: ExtensionAttribute['type'] }): string {
  const isReference = name === '$ref' && type === 'reference' && within !== undefined
  if (!isReference && !/^[A-Za-z][-\w]*$/.test(name))
    throw refusal('A name begins with a letter and goes on with letters, digits, "-" and "_".', `${field}.name`)
  if (name.length > longestName) throw refusal(`A name has at most ${longestName} characters.`, `${field}.name`)
  // What every object in JavaScript has: programs there could not tell that it is absent.
  if (name in {}) throw refusal(`"${name}" cannot be a name. Choose another.`, `${field}.name`)
  return name
}

const refusal = (message: string, field: string) => new DirectoryError('invalid', message, { field })
