import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { applyConfigCommand, diffConfigCommand } from './config-apply.ts'
import { command, family, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { printable, table } from './terminal.ts'

interface Options {
  readonly json?: true
}

export const configCommand = (context: Context): Command =>
  family('config', 'Desired state as a file, rollcall.yaml', [
    exampleCommand(context),
    validateCommand(context),
    explainCommand(context),
    diffConfigCommand(context),
    applyConfigCommand(context),
    settingsCommand(context),
    schemaCommand(context),
  ])

const exampleCommand = (context: Context) =>
  command('example', 'Print a commented file to begin with').action((options: Options) => {
    const text = readFileSync(new URL('../config/example.yaml', import.meta.url), 'utf8')
    if (options.json) return context.terminal.json({ text })
    context.terminal.data(text)
  })

const validateCommand = (context: Context) =>
  command('validate', 'Check a file without a hub; what is wrong is told by line and column, with exit code 1')
    .argument('<file>', 'such as rollcall.yaml')
    .action(async (file: string, options: Options) => {
      const { readConfigurationFile, FaultyFile } = await import('../config/read-file.ts')
      try {
        const { content } = readConfigurationFile(file)
        if (options.json) return context.terminal.json({ valid: true, faults: [] })
        const count = Object.keys(content.connections ?? {}).length
        context.terminal.say(
          `${printable(file)} can be applied: ${count} ${count === 1 ? 'connection' : 'connections'}. What it comes to: rollcall config explain ${printable(file)}`,
        )
      } catch (error) {
        if (!(error instanceof FaultyFile)) throw error
        context.end(exitCodes.error)
        if (options.json) return context.terminal.json({ valid: false, faults: error.faults })
        for (const line of error.lines) context.terminal.data(`${printable(line)}\n`)
        context.terminal.say(
          `${printable(file)} cannot be applied. Mend ${error.lines.length === 1 ? 'the fault' : `the ${error.lines.length} faults`} above.`,
        )
      }
    })

const explainCommand = (context: Context) =>
  command('explain', 'What every setting of a file comes to, and who gets access with which roles')
    .argument('<file>', 'such as rollcall.yaml')
    .action(async (file: string, options: Options) => {
      const [{ readConfigurationFile }, { explainFile }] = await Promise.all([
        import('../config/read-file.ts'),
        import('../config/explain.ts'),
      ])
      const explained = explainFile(readConfigurationFile(file))
      if (options.json) return context.terminal.json(explained)
      for (const { name, vendor, baseUrl, sentences, policy } of explained.connections) {
        const where = baseUrl === undefined ? '' : ` at ${printable(baseUrl)}`
        context.terminal.data(`${context.terminal.strong(printable(name))}: ${vendor}${where}\n`)
        for (const sentence of sentences) context.terminal.data(`  ${printable(sentence)}\n`)
        const rows = policy.map(({ setting, value, from }) => [
          setting,
          value === undefined || value === null ? '-' : JSON.stringify(value),
          from.length === 0 ? 'default' : from.map(({ path, line }) => `${path} (line ${line})`).join(', '),
        ])
        context.terminal.data(`${table(context.terminal, ['SETTING', 'VALUE', 'FROM'], rows)}\n`)
      }
      for (const { name, sentence } of explained.webhooks)
        context.terminal.data(`${context.terminal.strong(printable(name))}: ${printable(sentence)}\n`)
    })

const settingsCommand = (context: Context) =>
  command('settings', 'Every setting that the file may name').action(async (options: Options) => {
    const { settingRows } = await import('../config/setting-rows.ts')
    const rows = settingRows()
    if (options.json) return context.terminal.json({ settings: rows })
    for (const { path, takes, default: usual, description } of rows)
      context.terminal.data(
        `${context.terminal.strong(path)}\n  ${description}\n  It is ${takes}.${usual === undefined ? '' : ` Without it: ${usual}`}\n`,
      )
  })

const schemaCommand = (context: Context) =>
  command('schema', 'Print the JSON Schema of the file; a hub serves it at /schemas/rollcall.json').action(async () => {
    const { jsonSchema } = await import('../config/schema.ts')
    context.terminal.data(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
  })
