import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, createSender, type Client, type ClientOptions, type Send } from '../dialects/native/connect.ts'
import type { Context } from './context.ts'
import { usageError } from './failure.ts'
import { defaultUrl, servedAt } from './home.ts'

export interface HubOptions {
  readonly url?: string | undefined
  readonly keyFile?: string | undefined
  readonly home: string
  readonly json?: true | undefined
}

/** Reading a large vendor and applying a plan answer when they are through. */
const timeoutMs = 280_000

/** A client of the hub that the options, the environment or the home name. */
export const connectHub = ({ environment }: Context, options: HubOptions): Client =>
  createClient(clientOptions(hubUrl(environment, options), readKey(environment, options)))

/** The same, for operations that are known only at run time. */
export const senderFor = ({ environment }: Context, options: HubOptions): Send =>
  createSender(clientOptions(hubUrl(environment, options), readKey(environment, options)))

/** For callers who bring keys of their own. */
export function senderToHub({ environment }: Context, options: HubOptions): (key: string) => Send {
  const url = hubUrl(environment, options)
  return (key) => createSender(clientOptions(url, key))
}

function clientOptions(url: string, key: string): ClientOptions {
  return {
    url,
    key,
    fetch,
    sleep: async (ms) => sleep(ms),
    random: Math.random,
    newKey: randomUUID,
    timeoutMs,
  }
}

function hubUrl(environment: Context['environment'], { url, home }: HubOptions): string {
  const chosen = url ?? (environment['ROLLCALL_URL'] || undefined) ?? servedAt(home) ?? defaultUrl
  return checkUrl(chosen, 'The hub’s URL')
}

export function checkUrl(url: string, what: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw usageError(`${what} must start with http:// or https://, such as ${defaultUrl}.`)
  if (parsed.username || parsed.password) throw usageError(`${what} must not carry a password.`)
  return url
}

function readKey(environment: Context['environment'], { keyFile }: HubOptions): string {
  const key = keyFile === undefined ? environment['ROLLCALL_KEY'] : readFileSync(keyFile, 'utf8')
  const trimmed = key?.trim()
  if (!trimmed)
    throw usageError(
      'A key is needed: set ROLLCALL_KEY, or name a file with --key-file. rollcall organization create prints the first one.',
    )
  if (!/^[\x21-\x7e]+$/.test(trimmed))
    throw usageError('The key must be one word: the native key alone, without quotes or further lines.')
  return trimmed
}
