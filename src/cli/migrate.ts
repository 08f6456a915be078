import type { Command } from 'commander'
import { loadConfig } from '../config.ts'
import { command, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { loadApp } from './home.ts'
import { requireHome } from './installation.ts'

interface MigrateOptions {
  readonly home: string
  readonly json?: true
}

export const migrateCommand = (context: Context): Command =>
  command('migrate', 'Bring the database’s schema up to date; opening a home does the same')
    .action(async ({ home, json }: MigrateOptions) => {
      const { openHome } = await loadApp()
      const before = await statusOf(context, home)
      await (await openHome(home, context.environment)).close()
      if (json) return context.terminal.json({ applied: before.pending, schema: before.latest })
      context.terminal.say(before.pending.length > 0 ? `Applied: ${before.pending.join(', ')}.` : 'The schema is up to date.')
    })
    .addCommand(statusCommand(context))

const statusCommand = (context: Context) =>
  command('status', 'Tell what migrate would apply, without applying it; exit code 2 when there is something').action(
    async (_: MigrateOptions, status: Command) => {
      // `--home` and `--json` may stand before or after the word `status`.
      const { home, json } = status.optsWithGlobals<MigrateOptions>()
      requireHome(context, home)
      const { current, latest, pending } = await statusOf(context, home)
      if (pending.length > 0) context.end(exitCodes.changesPresent)
      if (json) return context.terminal.json({ current, latest, pending })
      context.terminal.data(pending.length > 0 ? `To apply: ${pending.join(', ')}\n` : `Up to date at ${current}.\n`)
    },
  )

async function statusOf({ environment }: Context, home: string) {
  const { migrationStatus } = await import('../store/open.ts')
  return migrationStatus(loadConfig(home, environment).database)
}
