import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import type { Client } from '../dialects/native/connect.ts'
import { operations } from '../dialects/native/wire.ts'
import { family, hubCommand, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { printable, table } from './terminal.ts'

type Extension = Awaited<ReturnType<Client['readExtension']>>
type Definition = Parameters<Client['createExtension']>[0]['body']

export const extensionCommand = (context: Context): Command =>
  family('extension', 'What the organization defines of its people and groups beyond the RFC', [
    addCommand(context),
    listCommand(context),
    showCommand(context),
    changeCommand(context),
    removeCommand(context),
  ])

const addCommand = (context: Context) =>
  hubCommand('add', 'Define an extension; SCIM serves it from then on')
    .argument('<file>', 'its definition as JSON: urn, name, attributes; optionally resourceType, description, required')
    .action(async (file: string, options: HubOptions) => {
      const extension = await connectHub(context, options).createExtension({ body: readDefinition(file) })
      if (options.json) return context.terminal.json({ extension })
      context.terminal.say(`Defined ${extension.urn} for every ${extension.resourceType}.`)
    })

const listCommand = (context: Context) =>
  hubCommand('list', 'The extensions').action(async (options: HubOptions) => {
    const { items } = await connectHub(context, options).listExtensions()
    if (options.json) return context.terminal.json({ extensions: items })
    const rows = items.map(({ urn, resourceType, name, attributes, required, id }) => [
      urn,
      resourceType,
      name,
      attributes.map((attribute) => attribute.name).join(','),
      required ? 'required' : '-',
      id,
    ])
    context.terminal.data(table(context.terminal, ['URN', 'OF', 'NAME', 'ATTRIBUTES', 'REQUIRED', 'ID'], rows))
  })

const showCommand = (context: Context) =>
  hubCommand('show', 'One extension, attribute by attribute')
    .argument('<extension>', 'id, URN or name')
    .action(async (wanted: string, options: HubOptions) => {
      const extension = await findExtension(connectHub(context, options), wanted)
      if (options.json) return context.terminal.json({ extension })
      context.terminal.say(`${extension.urn} of every ${extension.resourceType}: ${printable(extension.description)}`)
      const rows = extension.attributes.flatMap(({ subAttributes = [], ...attribute }) => [
        rowOf(attribute.name, attribute),
        ...subAttributes.map((sub) => rowOf(`${attribute.name}.${sub.name}`, sub)),
      ])
      context.terminal.data(
        table(context.terminal, ['ATTRIBUTE', 'TYPE', 'MUTABILITY', 'RETURNED', 'FURTHER', 'DESCRIPTION'], rows),
      )
    })

const rowOf = (name: string, attribute: Omit<Extension['attributes'][number], 'subAttributes'>) => [
  name,
  attribute.type + (attribute.multiValued ? '[]' : ''),
  attribute.mutability,
  attribute.returned,
  [attribute.required && 'required', attribute.uniqueness === 'server' && 'unique', attribute.caseExact && 'caseExact']
    .filter(Boolean)
    .join(',') || '-',
  attribute.description,
]

const changeCommand = (context: Context) =>
  hubCommand('change', 'Put another definition in the place of one; values that are there must fit it')
    .argument('<extension>', 'id, URN or name')
    .argument('<file>', 'all of the new definition as JSON, such as an edited answer of show --json')
    .action(async (wanted: string, file: string, options: HubOptions) => {
      const body = readDefinition(file)
      const hub = connectHub(context, options)
      const { id: extensionId } = await findExtension(hub, wanted)
      const extension = await hub.replaceExtension({ extensionId, body })
      if (options.json) return context.terminal.json({ extension })
      context.terminal.say(`${extension.urn} is defined anew (version ${extension.version}).`)
    })

const removeCommand = (context: Context) =>
  hubCommand('remove', 'Remove a definition')
    .argument('<extension>', 'id, URN or name')
    .option('--keep-values', 'also where there are values of it: they stay, unseen, until it is defined again')
    .action(async (wanted: string, options: HubOptions & { readonly keepValues?: true }) => {
      const hub = connectHub(context, options)
      const { id: extensionId, urn } = await findExtension(hub, wanted)
      await hub.deleteExtension({ extensionId, ...(options.keepValues && { query: { values: 'keep' as const } }) })
      if (options.json) return context.terminal.json({ removed: extensionId })
      context.terminal.say(`Removed ${urn}.`)
    })

/** What `show --json` prints has members that only the hub sets. */
const Printed = z.looseObject({
  extension: z.record(z.string(), z.unknown()).optional(),
})
const hubsOwn = new Set(['id', 'createdAt', 'updatedAt', 'version'])

/** A definition as the API takes it, or as it was printed. */
function readDefinition(file: string): Definition {
  const printed = Printed.safeParse(parse(file))
  if (!printed.success) throw usageError(`${file} must hold a JSON object: the definition of an extension.`)
  const { extension = printed.data } = printed.data
  const sent = Object.fromEntries(Object.entries(extension).filter(([name]) => !hubsOwn.has(name)))
  const read = operations.createExtension.request.codec.safeParse(sent)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw usageError(`${file} is no definition of an extension: ${issue?.path.join('.') || 'the object'}: ${issue?.message}.`)
}

function parse(file: string): unknown {
  const text = readFileSync(file, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    throw usageError(`${file} is not JSON.`)
  }
}

/** The extension with that id, URN in any case, or name. */
async function findExtension(hub: Client, wanted: string): Promise<Extension> {
  const { items } = await hub.listExtensions()
  const found =
    items.find(({ id, urn }) => id === wanted || urn.toLowerCase() === wanted.toLowerCase()) ?? onlyNamed(items, wanted)
  if (found) return found
  throw usageError(`There is no extension "${wanted}". rollcall extension list names them.`)
}

function onlyNamed(items: readonly Extension[], wanted: string): Extension | undefined {
  const named = items.filter(({ name }) => name === wanted)
  if (named.length > 1) throw usageError(`There are ${named.length} extensions with this name. Name one by its URN.`)
  return named[0]
}
