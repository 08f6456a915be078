import {
  accessSync,
  constants,
  copyFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CommanderError, type Command } from 'commander'
import { z } from 'zod'
import { databaseFile, keysFolder } from '../config.ts'
import type { Call } from '../directory/call.ts'
import { keyNames } from './backup.ts'
import { command, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { loadApp } from './home.ts'

interface RestoreOptions {
  readonly home: string
  readonly json?: true
  readonly force?: true
  readonly keys?: string
}

const KeysFile = z.strictObject(Object.fromEntries(keyNames.map((name) => [name, z.string().optional()])))

/**
 * Puts a backup in the place of a home's database. The writes of every connection are off and webhooks disabled before it has that place, so that an
 * old state is never pushed to anybody. What was there is moved aside, never deleted.
 */
export const restoreCommand = (context: Context): Command =>
  command('restore', 'Restore a backup; all connections only read until enable-writes, and webhooks are disabled')
    .argument('<file>', 'what rollcall backup wrote')
    .option('--keys <file>', 'the keys (else FILE.keys, else those of the home)')
    .option('--force', 'although the home holds an installation; that one is moved aside')
    .action(async (file: string, options: RestoreOptions) => {
      if (context.environment['DATABASE_URL'])
        throw usageError(
          'DATABASE_URL is set: restore PostgreSQL with pg_restore while no hub runs, then switch writes off with rollcall connection disable-writes.',
        )
      const home = resolve(options.home)
      if (existsSync(databaseFile(home)) && !options.force)
        throw usageError(`${home} holds an installation already. Use another --home, or --force to move it aside.`)
      checkDatabase(file)
      mkdirSync(home, { recursive: true, mode: 0o700 })
      const { lockHome } = await loadApp()
      const unlock = lockHome(home)
      const staging = mkdtempSync(join(home, '.restore-'))
      try {
        mkdirSync(keysFolder(staging), { mode: 0o700 })
        furnish(staging, { file, keys: keysFor(file, { ...options, home, environment: context.environment }) })
        const { switchedOff, webhooksOff } = await disableOutput(context, staging)
        const aside = moveAside(home)
        mkdirSync(keysFolder(home), { recursive: true, mode: 0o700 })
        for (const name of keyNames) moveIfThere(join(keysFolder(staging), name), join(keysFolder(home), name))
        moveIfThere(`${databaseFile(staging)}-wal`, `${databaseFile(home)}-wal`)
        renameSync(databaseFile(staging), databaseFile(home))
        if (options.json) return context.terminal.json({ home, switchedOff, webhooksOff, aside: aside ?? null })
        context.terminal.say(
          `Restored into ${home}. Writes are off on every connection${switchedOff.length > 0 ? ` (were on: ${switchedOff.join(', ')})` : ''}.`,
        )
        if (webhooksOff.length > 0)
          context.terminal.say(
            `${webhooksOff.length} webhooks are disabled: their receivers know of more than the backup does. Go on with rollcall webhooks enable.`,
          )
        if (aside !== undefined) context.terminal.say(`What was there is in ${aside}.`)
        context.terminal.say(
          'Credentials revoked since the backup are valid again: revoke them anew. Then look at rollcall plan before enable-writes.',
        )
      } finally {
        rmSync(staging, { recursive: true, force: true })
        unlock()
      }
    })

function checkDatabase(file: string): void {
  accessSync(file, constants.R_OK)
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      const row = database.prepare('pragma quick_check(1)').get()
      if (Object.values(row ?? {})[0] !== 'ok') throw usageError(`${file} is damaged. Use another backup.`)
    } finally {
      database.close()
    }
  } catch (cause) {
    if (cause instanceof CommanderError) throw cause
    throw usageError(`${file} is not a database that rollcall backup wrote.`)
  }
}

function moveIfThere(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to)
}

type Keys = Readonly<Record<string, string | undefined>>

function keysFor(
  file: string,
  {
    keys,
    home,
    environment,
  }: { readonly keys?: string | undefined; readonly home: string; readonly environment: Context['environment'] },
): Keys {
  const beside = `${resolve(file)}.keys`
  const chosen = keys ?? (existsSync(beside) ? beside : undefined)
  if (chosen !== undefined) return parseKeys(chosen)
  const own = Object.fromEntries(
    keyNames
      .map((name) => [name, join(keysFolder(home), name)] as const)
      .filter(([, path]) => existsSync(path))
      .map(([name, path]) => [name, readFileSync(path, 'utf8')]),
  )
  if (own['sealing.key'] !== undefined || environment['ROLLCALL_KEYS']) return own
  throw usageError(
    'The keys are missing: without them no stored secret opens. Name their file with --keys, or set ROLLCALL_KEYS.',
  )
}

function parseKeys(file: string): Keys {
  try {
    return KeysFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof z.ZodError)
      throw usageError(`${file} is not a keys file that rollcall backup wrote.`)
    throw cause
  }
}

function furnish(staging: string, { file, keys }: { readonly file: string; readonly keys: Keys }): void {
  copyFileSync(file, databaseFile(staging))
  chmodSync(databaseFile(staging), 0o600)
  for (const name of keyNames) {
    const content = keys[name]
    if (content !== undefined) writeFileSync(join(keysFolder(staging), name), content, { mode: 0o600 })
  }
}

/** Answers the names of the connections whose writes were on, and the ids of the webhooks that were enabled. */
async function disableOutput(
  context: Context,
  staging: string,
): Promise<{ readonly switchedOff: readonly string[]; readonly webhooksOff: readonly string[] }> {
  const [{ openHome, syncParts }, { createEngine }] = await Promise.all([loadApp(), import('../sync/create.ts')])
  const opened = await openHome(staging, context.environment)
  const { directory } = opened
  try {
    const engine = createEngine(syncParts(opened, { log: undefined }))
    const switchedOff: string[] = []
    const webhooksOff: string[] = []
    for (let after: string | undefined; ;) {
      const organizations = await opened.database.store.read((reader) => reader.organizations({ after, limit: 100 }))
      for (const { id: organizationId } of organizations) {
        const call = restoreCall(organizationId, opened.newId())
        for (const { id, name, writesEnabled } of await engine.listConnections(call)) {
          if (!writesEnabled) continue
          await engine.changeConnection(call, { id, writesEnabled: false })
          switchedOff.push(name)
        }
        for (const { webhook } of await directory.listWebhooks(call, undefined)) {
          if (!webhook.enabled) continue
          await directory.changeWebhook(call, { id: webhook.id, enabled: false })
          webhooksOff.push(webhook.id)
        }
      }
      after = organizations.at(-1)?.id
      if (after === undefined) return { switchedOff, webhooksOff }
    }
  } finally {
    await opened.close()
  }
}

const restoreCall = (organizationId: string, requestId: string): Call => ({
  organizationId,
  actor: 'system:restore',
  scopes: new Set(['read', 'operate'] as const),
  now: new Date(),
  requestId,
  via: 'cli.restore',
})

/** Moves an installation's database and keys into a folder beside them; answers its name. */
function moveAside(home: string): string | undefined {
  const database = databaseFile(home)
  const parts = [database, `${database}-wal`, `${database}-shm`, keysFolder(home)].filter((path) => existsSync(path))
  if (parts.length === 0) return undefined
  const aside = mkdtempSync(join(home, 'before-restore-'))
  for (const path of parts) renameSync(path, join(aside, path.slice(home.length + 1)))
  return aside
}
