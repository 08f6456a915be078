import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from './directory/errors.ts'
import type { Json } from './directory/json.ts'
import { plans } from './directory/organization.ts'
import { createOutbound, type Outbound } from './directory/outbound.ts'

/** The environment variables that are read, and nothing else is. */
export interface Environment {
  /** `postgres://…` in place of the SQLite file of the home. */
  readonly DATABASE_URL?: string | undefined
  /** Sealing keys, base64url of 32 bytes each, separated by commas; the first seals. In place of the home's. */
  readonly ROLLCALL_KEYS?: string | undefined
  /** The URL under which clients reach the hub, when it is not the one it listens on. */
  readonly ROLLCALL_PUBLIC_URL?: string | undefined
  /** The password of the mail server's user. In place of the file that settings.json names. */
  readonly ROLLCALL_MAIL_PASSWORD?: string | undefined
}

export interface Config {
  readonly home: string
  /** A SQLite file or a postgres:// URL. */
  readonly database: string
  readonly sealingKeys: readonly Uint8Array[]
  /** PEM of the ed25519 key that signs receipts. */
  readonly receiptKey: string
  readonly publicUrl: string | undefined
  /** Where invitations are sent from; undefined where mails are kept. */
  readonly mail: MailSettings | undefined
  /** Where webhooks may lead beside public addresses over https. */
  readonly outbound: Outbound
  /** By name; outbox/hand-out-settings.ts parses them. */
  readonly handOuts: Readonly<Record<string, Json>>
  /** By dialect name; each dialect parses its own. */
  readonly dialectSettings: Readonly<Record<string, Json>>
  /** By dialect name. */
  readonly limits: z.output<typeof limitSettings>
  /** Addresses and networks of proxies whose X-Forwarded headers are believed. */
  readonly trustedProxies: readonly string[]
}

export interface MailSettings {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  readonly login: { readonly user: string; readonly password: string } | undefined
  readonly from: string
}

const mailSettings = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  secure: z.boolean().default(false),
  user: z.string().min(1).optional(),
  /** Relative to the home. */
  passwordFile: z.string().min(1).optional(),
  from: z.string().regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'an address, such as Rollcall <rollcall@example.com>'),
})

const limitScope = {
  plans: z.array(z.enum(plans)).optional(),
  of: z.enum(['reads', 'writes', 'tokens']).optional(),
  each: z.literal('operation').optional(),
  per: z.literal('credential').optional(),
}
const limit = z.strictObject({ requests: z.int().positive(), perSeconds: z.int().positive() })
const limitSettings = z.record(
  z.string(),
  z.union([
    z.literal('documented'),
    limit,
    z.array(z.union([limit.extend(limitScope), z.strictObject({ atOnce: z.int().positive(), ...limitScope })])),
  ]),
)

const settingsFile = z.strictObject({
  handOuts: z.record(z.string(), z.json()).default({}),
  mail: mailSettings.optional(),
  outbound: z.strictObject({ allow: z.array(z.string()).default([]) }).default({ allow: [] }),
  dialects: z.record(z.string(), z.json()).default({}),
  limits: limitSettings.default({}),
  trustedProxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).default([]),
})

/**
 * Reads the home folder and the environment; makes the folder and its keys where they are missing, readable by their owner alone.
 * Throws ConfigError that says what to set.
 */
export function loadConfig(home: string, environment: Environment): Config {
  const folder = resolve(home)
  const keys = keysFolder(folder)
  mkdirSync(keys, { recursive: true, mode: 0o700 })
  const url = environment.DATABASE_URL
  if (url !== undefined && !/^postgres(ql)?:\/\//.test(url))
    throw new ConfigError('DATABASE_URL must start with postgres://. Unset it to use SQLite in the home folder.')
  const settings = readSettings(join(folder, 'settings.json'))
  return {
    home: folder,
    database: url ?? databaseFile(folder),
    sealingKeys: parseKeys(environment.ROLLCALL_KEYS ?? readOrCreate(join(keys, 'sealing.key'), newSealingKey)),
    receiptKey: parseReceiptKey(readOrCreate(join(keys, 'receipt.pem'), newReceiptKey)),
    mail: settings.mail && withPassword(settings.mail, { folder, password: environment.ROLLCALL_MAIL_PASSWORD }),
    publicUrl: environment.ROLLCALL_PUBLIC_URL?.replace(/\/+$/, ''),
    outbound: createOutbound(settings.outbound.allow),
    handOuts: settings.handOuts,
    dialectSettings: settings.dialects,
    limits: settings.limits,
    trustedProxies: settings.trustedProxies,
  }
}

export const databaseFile = (home: string): string => join(resolve(home), 'rollcall.db')
export const keysFolder = (home: string): string => join(resolve(home), 'keys')
export const lockFile = (home: string): string => join(resolve(home), 'lock.db')

/** Notes under which URL the home is being served, for commands that work beside the server. Of several processes that start at once the last one is noted. */
export function recordServer(home: string, url: string): void {
  const file = join(home, 'server.json')
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${JSON.stringify({ url })}\n`)
  renameSync(draft, file)
}

export const forgetServer = (home: string): void => rmSync(join(home, 'server.json'), { force: true })

/** The URL that was noted last; undefined when none is, or when the note cannot be read. */
export function recordedServer(home: string): string | undefined {
  try {
    const note = z.object({ url: z.string() }).safeParse(JSON.parse(readFileSync(join(resolve(home), 'server.json'), 'utf8')))
    return note.success ? note.data.url : undefined
  } catch {
    return undefined
  }
}

function readSettings(file: string): z.output<typeof settingsFile> {
  if (!existsSync(file)) return settingsFile.parse({})
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${file} is not JSON. Mend or remove it.`, { cause })
  }
  const parsed = settingsFile.safeParse(content)
  if (!parsed.success) throw new ConfigError(`${file}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

function withPassword(
  { user, passwordFile, ...server }: z.output<typeof mailSettings>,
  { folder, password }: { readonly folder: string; readonly password: string | undefined },
): MailSettings {
  if (user === undefined) return { ...server, login: undefined }
  const found = password ?? (passwordFile === undefined ? undefined : readPassword(resolve(folder, passwordFile)))
  if (!found)
    throw new ConfigError(
      'settings.json names a mail user without a password. Set ROLLCALL_MAIL_PASSWORD, or "passwordFile" to a file that holds it.',
    )
  return { ...server, login: { user, password: found } }
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new ConfigError(`The mail password cannot be read from ${file}. Check "passwordFile" in settings.json.`, { cause })
  }
}

/** Two processes that start on an empty home at once end up with one key: the first link wins and both read it. */
function readOrCreate(file: string, create: () => string): string {
  if (!existsSync(file)) {
    const draft = `${file}.${randomBytes(6).toString('hex')}`
    writeFileSync(draft, create(), { mode: 0o600 })
    try {
      linkSync(draft, file)
    } catch (error) {
      if (!existsSync(file)) throw error
    } finally {
      rmSync(draft, { force: true })
    }
    chmodSync(file, 0o600)
  }
  return readFileSync(file, 'utf8')
}

const newSealingKey = () => `${randomBytes(32).toString('base64url')}\n`
const newReceiptKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })

function parseKeys(text: string): readonly Uint8Array[] {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((key) => Buffer.from(key, 'base64url'))
  if (keys.length === 0 || keys.some((key) => key.length !== 32))
    throw new ConfigError('A sealing key must be 32 bytes in base64url. Make one with: openssl rand -base64 32 | tr "+/" "-_"')
  return keys
}

function parseReceiptKey(pem: string): string {
  try {
    if (createPrivateKey(pem).asymmetricKeyType === 'ed25519') return pem
  } catch (cause) {
    throw new ConfigError('keys/receipt.pem is not a private key. Restore it from the backup.', { cause })
  }
  throw new ConfigError('keys/receipt.pem is not an ed25519 key. Restore it from the backup.')
}
