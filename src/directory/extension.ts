import { DirectoryError } from './errors.ts'
import { checkAttributes, type AttributeInput, type ExtensionAttribute } from './extension-attribute.ts'

/** What an extension says more of. */
export const extendedTypes = ['User', 'Group'] as const
export type ExtendedType = (typeof extendedTypes)[number]

/** Attributes that an organization defines for its people or its groups: a schema of RFC 7643 §7 beside those of the RFC. */
export interface Extension {
  readonly id: string
  readonly organizationId: string
  /** Under which the values stand in `attributes`, spelled like this. It never changes, and neither does the type. */
  readonly urn: string
  readonly resourceType: ExtendedType
  readonly name: string
  readonly description: string
  /** Whether who provisions people through SCIM must give it to everybody. */
  readonly required: boolean
  readonly attributes: readonly ExtensionAttribute[]
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Counts the changes, from 1. */
  readonly version: number
}

/** What is left out is as RFC 7643 §2.2 has it. */
export interface ExtensionInput {
  readonly urn: string
  readonly resourceType?: ExtendedType | undefined
  readonly name: string
  readonly description?: string | undefined
  readonly required?: boolean | undefined
  readonly attributes: readonly AttributeInput[]
}

export type ExtensionDefinition = Pick<Extension, 'urn' | 'resourceType' | 'name' | 'description' | 'required' | 'attributes'>

export interface ExtensionReader {
  /** In the order in which they were defined. */
  extensions(organizationId: string): Promise<readonly Extension[]>
  /** Who has this value of an attribute that is unique; the id of a membership or a group. */
  extensionKeyHolder(extension: ExtensionKeyPlace, key: ExtensionKey): Promise<string | undefined>
}

export interface ExtensionWriter {
  putExtension(extension: Extension): Promise<void>
  /** The unique values that are noted of it go with it. */
  removeExtension(extension: Extension): Promise<void>
  addExtensionKey(extension: ExtensionKeyPlace, key: ExtensionKey, holderId: string): Promise<void>
  /** Of everybody where nobody is named. */
  removeExtensionKeys(extension: ExtensionKeyPlace, holderId?: string): Promise<void>
}

export type ExtensionKeyPlace = Pick<Extension, 'organizationId' | 'id' | 'resourceType'>

/** A value that nobody else may have: the attribute as a filter names it within the extension, and a digest of the value in the form that it is compared in. */
export interface ExtensionKey {
  readonly attribute: string
  readonly digest: string
}

/** How many extensions an organization may have. */
export const mostExtensions = 20
const longestUrn = 150
const longestDescription = 1_000

/** A definition with every characteristic said; refuses as `invalid` what is none. */
export function checkExtension(input: ExtensionInput): ExtensionDefinition {
  const name = input.name.trim()
  if (!name || name.length > 100)
    throw new DirectoryError('invalid', 'Give the extension a name of 1 to 100 characters.', { field: 'name' })
  const description = input.description ?? name
  if (description.length > longestDescription)
    throw new DirectoryError('invalid', `A description has at most ${longestDescription} characters.`, { field: 'description' })
  return {
    urn: checkUrn(input.urn),
    resourceType: input.resourceType ?? 'User',
    name,
    description,
    required: input.required ?? false,
    attributes: checkAttributes(input.attributes, { field: 'attributes' }),
  }
}

/** RFC 8141, of the characters that the paths and filters of SCIM can hold. */
function checkUrn(urn: string): string {
  const refuse = (message: string) => new DirectoryError('invalid', message, { field: 'urn' })
  if (urn.length > longestUrn || !/^urn:[A-Za-z0-9][-A-Za-z0-9]{0,30}[A-Za-z0-9]:[-\w.:]*[-\w]$/.test(urn))
    throw refuse(
      `The URN must be like urn:example:params:scim:schemas:extension:badge:2.0:User, of letters, digits and -_.: and at most ${longestUrn} characters.`,
    )
  if (/^urn:(?:ietf|rollcall):/i.test(urn))
    throw refuse('URNs that begin with urn:ietf: or urn:rollcall: are taken. Use a namespace of your own, such as urn:example:.')
  return urn
}

/** Refuses a URN that another extension has, or that could be read as an attribute of another, or the other way round. */
export function checkApart(urn: string, others: readonly Extension[]): void {
  const own = urn.toLowerCase()
  for (const other of others) {
    const theirs = other.urn.toLowerCase()
    if (own === theirs) throw new DirectoryError('taken', `The extension "${other.name}" has this URN already.`, { field: 'urn' })
    if (own.startsWith(`${theirs}:`) || theirs.startsWith(`${own}:`))
      throw new DirectoryError(
        'invalid',
        `One of this URN and ${other.urn} continues the other, so that attributes could not be told apart. Choose another.`,
        { field: 'urn' },
      )
  }
}
