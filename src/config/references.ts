import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { ConfigError } from '../directory/errors.ts'
import type { Json } from '../directory/json.ts'
import type { Configuration } from '../sync/configuration/configuration.ts'
import type { ConfigurationFile } from './schema.ts'
import type { Path } from './text.ts'

export const isReference = (text: string): boolean => parts(text) !== undefined

/** Where references are read. */
export const mayRefer = ([top, _name, setting]: Path): boolean =>
  (top === 'connections' && (setting === 'credentials' || setting === 'baseUrl')) || (top === 'webhooks' && setting === 'url')

/** How large a file may be that a reference names, in bytes. */
const largestFile = 1024 * 1024

export interface Sources {
  /** The file that holds the references: paths in it are relative to its folder. */
  readonly file: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Reads a vendor's credentials from a file as they were printed, or saved. */
  readonly readCredentials: (path: string, vendor: string) => Readonly<Record<string, Json>>
}

/** The configuration with what its references stand for. Throws ConfigError that names the setting and the variable or file, and nothing of what is in it. */
export function resolveReferences({ connections, webhooks, ...rest }: ConfigurationFile, sources: Sources): Configuration {
  const read = (text: string, path: string) => readReference(text, path, sources)
  return {
    ...rest,
    ...(connections && {
      connections: mapValues(connections, ({ credentials, baseUrl, ...entry }, name) => ({
        ...entry,
        ...(baseUrl !== undefined && { baseUrl: read(baseUrl, `connections.${name}.baseUrl`) }),
        ...(credentials !== undefined && {
          credentials:
            typeof credentials === 'string'
              ? readWhole(credentials, { name, vendor: entry.vendor, sources })
              : mapValues(credentials, (value, key) =>
                  typeof value === 'string' ? read(value, `connections.${name}.credentials.${key}`) : asJson(value),
                ),
        }),
      })),
    }),
    ...(webhooks && {
      webhooks: mapValues(webhooks, ({ url, ...entry }, name) => ({ ...entry, url: read(url, `webhooks.${name}.url`) })),
    }),
  }
}

function readReference(text: string, path: string, { file, environment }: Sources): string {
  const reference = parts(text)
  if (!reference) return text
  const { kind, name } = reference
  if (kind === 'env') {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined
    if (value) return value
    throw new ConfigError(`${basename(file)}: ${path} refers to the environment variable ${name}, and it is not set. Set it.`)
  }
  const target = checkFile(name, path, file)
  const value = readFileSync(target, 'utf8').replace(/\r?\n$/, '')
  if (value) return value
  throw new ConfigError(`${basename(file)}: ${path} refers to the file ${name}, and it is empty.`)
}

function readWhole(
  text: string,
  { name, vendor, sources }: { readonly name: string; readonly vendor: string; readonly sources: Sources },
): Readonly<Record<string, Json>> {
  const target = parts(text)?.name ?? text
  return sources.readCredentials(checkFile(target, `connections.${name}.credentials`, sources.file), vendor)
}

function checkFile(name: string, path: string, file: string): string {
  const target = resolve(dirname(file), name)
  const found = statSync(target, { throwIfNoEntry: false })
  const refuse = (why: string) => new ConfigError(`${basename(file)}: ${path} refers to the file ${name}, ${why}`)
  if (!found) throw refuse(`and there is no ${target}. Put it there.`)
  if (!found.isFile()) throw refuse('and that is no file.')
  if (found.size > largestFile) throw refuse('and it is larger than 1 MiB.')
  return target
}

function parts(text: string): { readonly kind: string; readonly name: string } | undefined {
  const [, kind, name] = /^\$\{(env|file):([^{}]+)\}$/.exec(text) ?? []
  return kind === undefined || name === undefined ? undefined : { kind, name }
}

const asJson = (value: readonly string[] | Readonly<Record<string, string>>): Json => value

const mapValues = <V, R>(record: Readonly<Record<string, V>>, map: (value: V, name: string) => R): Readonly<Record<string, R>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]))
