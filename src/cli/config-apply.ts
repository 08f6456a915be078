import { basename } from 'node:path'
import type { Command } from 'commander'
import type { z } from 'zod'
import { DirectoryError, type Client } from '../dialects/native/connect.ts'
import { Configuration } from '../dialects/native/wire/configuration.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { printable } from './terminal.ts'
import { readVendorFile } from './vendor-file.ts'

type Difference = Awaited<ReturnType<Client['compareConfiguration']>>['differences'][number]

/** A file as it is applied: its references stand for what they name. */
export interface ReadyFile {
  readonly file: string
  readonly configuration: z.output<typeof Configuration>
  /** What the hub refuses, by its place in the file. */
  readonly explain: (error: unknown) => unknown
}

/** Reads, checks and resolves a file. Throws ConfigError. */
export async function readReadyFile({ environment }: Pick<Context, 'environment'>, path: string): Promise<ReadyFile> {
  const [{ readConfigurationFile }, { resolveReferences }] = await Promise.all([
    import('../config/read-file.ts'),
    import('../config/references.ts'),
  ])
  const { content, placeOf } = readConfigurationFile(path)
  return {
    file: basename(path),
    configuration: Configuration.parse(resolveReferences(content, { file: path, environment, readCredentials: readVendorFile })),
    explain: (error) => {
      if (!(error instanceof DirectoryError) || error.field === undefined) return error
      const { line, column } = placeOf(error.field)
      return new DirectoryError(error.refusal, `${path}:${line}:${column}: ${error.field}: ${error.message}`, {
        field: error.field,
        cause: error,
      })
    },
  }
}

export const diffConfigCommand = (context: Context): Command =>
  hubCommand('diff', 'What the file names and stands otherwise; exit code 2 when something does')
    .argument('<file>', 'such as rollcall.yaml')
    .option('--exit-zero', 'exit with 0 although something differs')
    .action(async (path: string, options: HubOptions & { readonly exitZero?: true }) => {
      const { configuration, explain } = await readReadyFile(context, path)
      const { differences } = await connectHub(context, options)
        .compareConfiguration({ body: { configuration } })
        .catch(rethrow(explain))
      if (differences.length > 0 && !options.exitZero) context.end(exitCodes.changesPresent)
      if (options.json) return context.terminal.json({ differences })
      for (const difference of differences) context.terminal.data(`${inWords(difference)}\n`)
      if (differences.length === 0) context.terminal.say('Everything that the file names stands.')
      else context.terminal.say(`Make it stand: rollcall config apply ${printable(path)}`)
    })

export const applyConfigCommand = (context: Context): Command =>
  hubCommand('apply', 'Make what the file names stand; exit code 6 when something of it has to wait')
    .argument('<file>', 'such as rollcall.yaml')
    .action(async (path: string, options: HubOptions) => {
      const { file, configuration, explain } = await readReadyFile(context, path)
      const applied = await context.terminal.during(
        'Applying',
        connectHub(context, options).applyConfiguration({ body: { file, configuration } }).catch(rethrow(explain)),
      )
      if (applied.kept.length > 0) context.end(exitCodes.partlyDone)
      if (options.json) return context.terminal.json({ applied })
      for (const created of applied.created) context.terminal.data(`made     ${printable(created)}\n`)
      for (const changed of applied.changed) context.terminal.data(`changed  ${printable(changed)}\n`)
      for (const difference of applied.kept) context.terminal.data(`kept     ${inWords(difference)}\n`)
      for (const released of applied.released)
        context.terminal.say(`The file no longer names ${printable(released)}. It stands as it is.`)
      if (applied.created.some((each) => each.startsWith('webhooks.')))
        context.terminal.say('The secret that signs for a new webhook: rollcall webhooks rotate URL --overlap 0')
      if (applied.created.length + applied.changed.length === 0) context.terminal.say('Nothing had to be changed.')
    })

const rethrow = (explain: ReadyFile['explain']) => (error: unknown) => {
  throw explain(error)
}

function inWords({ path, named, stands, note }: Difference): string {
  const values = [
    ...(named === undefined ? [] : [`the file says ${JSON.stringify(named)}`]),
    ...(stands === undefined ? [] : [`${JSON.stringify(stands)} stands`]),
  ].join(', ')
  return printable([path, [values && `${values}.`, note].filter(Boolean).join(' ')].join(': '))
}
