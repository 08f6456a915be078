import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from '../directory/errors.ts'
import { checkMeaning } from './checks.ts'
import { faultsOf } from './faults.ts'
import { ConfigurationFile, jsonSchema } from './schema.ts'
import { longestText, readText, type Fault, type Path, type Place } from './text.ts'

export interface ReadFile {
  readonly path: string
  /** With its references as they stand. */
  readonly content: ConfigurationFile
  /** Where a setting stands in the file, or the nearest above it; its path as an error or a difference spells it. */
  readonly placeOf: (path: string) => Place
}

/** A file that cannot be used, and all that is wrong with it; its message tells the first fault. */
export class FaultyFile extends ConfigError {
  override name = 'ConfigError'
  readonly faults: readonly Fault[]
  /** Each fault as FILE:LINE:COLUMN: PATH: MESSAGE. */
  readonly lines: readonly string[]
  constructor(file: string, faults: readonly Fault[]) {
    const lines = faults.map(
      ({ line, column, path, message }) => `${file}:${line}:${column}: ${path ? `${path}: ` : ''}${message}`,
    )
    const more = lines.length - 1
    super(
      `${lines[0] ?? file}${more > 0 ? ` There ${more === 1 ? 'is 1 more fault' : `are ${more} more faults`}: rollcall config validate ${file}` : ''}`,
    )
    this.lines = lines
    this.faults = faults
  }
}

/** Reads and checks a file without resolving its references. Throws FaultyFile. */
export function readConfigurationFile(path: string): ReadFile {
  // Four bytes a character is the most that UTF-8 takes.
  const text = statSync(path).size > 4 * longestText ? ' '.repeat(longestText + 1) : readFileSync(path, 'utf8')
  const read = readText(text)
  if ('faults' in read) throw new FaultyFile(path, read.faults)
  const parsed = ConfigurationFile.safeParse(read.value)
  const faults = parsed.success ? checkMeaning(parsed.data, read) : faultsOf(parsed.error.issues, read, jsonSchema())
  if (faults.length > 0 || !parsed.success)
    throw new FaultyFile(
      path,
      faults.toSorted((a, b) => a.line - b.line || a.column - b.column),
    )
  return { path, content: parsed.data, placeOf: (setting) => read.placeOf(stepsIn(read.value, setting)) }
}

/** The steps of a path that is spelled with full stops, where names may hold some. */
function stepsIn(value: unknown, path: string): Path {
  if (typeof value !== 'object' || value === null) return []
  for (const [name, member] of Object.entries(value)) {
    if (path === name) return [name]
    if (path.startsWith(`${name}.`)) return [name, ...stepsIn(member, path.slice(name.length + 1))]
  }
  return []
}
