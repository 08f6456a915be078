import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../directory/errors.ts'
import type { Json } from '../directory/json.ts'

interface Common {
  readonly name: string
  /** Ids of the connections whose keys may go there. */
  readonly connections: readonly string[]
}

/** A way to hand keys out, as settings.json sets it up. */
export type HandOutSettings = Common &
  (
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'command'; readonly argv: readonly [string, ...string[]] }
    | { readonly kind: 'webhook'; readonly url: string; readonly secret: string }
  )

/** A secret in clear goes no further than this machine. */
const secretUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  return !username && !password && (protocol === 'https:' || (protocol === 'http:' && loopback))
}, 'must start with https://, unless it is on this machine, and hold no password')

const connections = z.array(z.uuid()).min(1)
const command = z.string().refine(isAbsolute, 'must be an absolute path')

const Settings = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  z.discriminatedUnion('kind', [
    /** `path` is relative to the home, in a folder that is there. */
    z.strictObject({ kind: z.literal('file'), path: z.string().min(1), connections }),
    z.strictObject({ kind: z.literal('command'), argv: z.tuple([command], z.string()), connections }),
    /** `secretFile`, relative to the home, holds the `whsec_…` of Standard Webhooks. */
    z.strictObject({ kind: z.literal('webhook'), url: secretUrl, secretFile: z.string().min(1), connections }),
  ]),
)

/** Reads `handOuts` of settings.json. Throws ConfigError that says what to mend. */
export function readHandOuts(settings: Readonly<Record<string, Json>>, home: string): readonly HandOutSettings[] {
  const parsed = Settings.safeParse(settings)
  if (!parsed.success)
    throw new ConfigError(
      `"handOuts" in settings.json, by names of lower-case letters, digits and hyphens: ${z.prettifyError(parsed.error)}`,
    )
  return Object.entries(parsed.data).map(([name, one]) => {
    if (one.kind === 'file') return { ...one, name, path: resolve(home, one.path) }
    if (one.kind === 'command') return { ...one, name }
    const { secretFile, ...webhook } = one
    return { ...webhook, name, secret: readSecret(resolve(home, secretFile), name) }
  })
}

function readSecret(file: string, name: string): string {
  const wrong = `"secretFile" of the hand-out "${name}" in settings.json must name a file that holds whsec_ and 24 to 64 bytes in base64. Look at ${file}.`
  let secret: string
  try {
    secret = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new ConfigError(wrong, { cause })
  }
  const bytes = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64').length : 0
  if (bytes < 24 || bytes > 64) throw new ConfigError(wrong)
  return secret
}
