import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { keysFolder } from '../config.ts'
import { command, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { loadApp } from './home.ts'
import { requireHome } from './installation.ts'

/** The files of the keys folder that make a backup whole. */
export const keyNames = ['sealing.key', 'receipt.pem'] as const

export const backupCommand = (context: Context): Command =>
  command('backup', 'Copy the database while it is in use, and the keys into FILE.keys')
    .argument('<file>', 'where the copy goes; it must not be there yet')
    .option('--without-keys', 'leave the keys out: without them the copy opens no stored secret')
    .action(
      async (
        file: string,
        { home, json, withoutKeys }: { readonly home: string; readonly json?: true; readonly withoutKeys?: true },
      ) => {
        requireHome(context, home)
        const target = resolve(file)
        const keys = withoutKeys ? undefined : `${target}.keys`
        for (const path of [target, keys])
          if (path !== undefined && existsSync(path)) throw usageError(`${path} is there already. Choose another name.`)
        const { openHome } = await loadApp()
        const opened = await openHome(home, context.environment)
        // Written where nobody else can look, and given its name only when it is whole.
        const folder = mkdtempSync(join(dirname(target), '.rollcall-backup-'))
        try {
          const draft = join(folder, 'database')
          await opened.database.backup(draft)
          chmodSync(draft, 0o600)
          const draftKeys = join(folder, 'keys')
          writeFileSync(draftKeys, `${JSON.stringify(readKeys(home), null, 2)}\n`, { mode: 0o600 })
          if (keys !== undefined) renameSync(draftKeys, keys)
          renameSync(draft, target)
        } finally {
          rmSync(folder, { recursive: true, force: true })
          await opened.close()
        }
        if (json) return context.terminal.json({ database: target, keys: keys ?? null })
        context.terminal.say(`The database is in ${target}.`)
        context.terminal.say(
          keys === undefined
            ? 'The keys are not in it; keep them too.'
            : `The keys are in ${keys}. Keep the two apart: together they open every stored secret.`,
        )
      },
    )

function readKeys(home: string): Readonly<Record<string, string>> {
  const files = keyNames.map((name) => [name, join(keysFolder(home), name)] as const).filter(([, path]) => existsSync(path))
  return Object.fromEntries(files.map(([name, path]) => [name, readFileSync(path, 'utf8')]))
}
