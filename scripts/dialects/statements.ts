import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which of our two ways to a vendor's API a statement binds: serving it, or calling it. */
export const bindings = ['served', 'called', 'both', 'neither'] as const
export type Binding = (typeof bindings)[number]

export interface Statement {
  /** `BIRD-40`; `BIRD-Q03` settles a silence, `BIRD-P01` answers public material. */
  readonly id: string
  readonly binds: Binding
  readonly text: string
  /** The heading it stands under. */
  readonly section: string
}

/** What a dialect promises, as its `statements.md` says it. */
export interface Contract {
  readonly dialect: string
  /** Path below the repository's root. */
  readonly file: string
  readonly statements: readonly Statement[]
}

export function readContract(root: string, dialect: string): Contract {
  const file = `src/dialects/${dialect}/statements.md`
  return { dialect, file, statements: parseStatements(readFileSync(join(root, file), 'utf8'), file) }
}

/** Throws Error at a list item that is no statement: what cannot be read must not get lost. */
export function parseStatements(text: string, file: string): readonly Statement[] {
  const statements: Statement[] = []
  let section = ''
  for (const [index, line] of text.split('\n').entries()) {
    section = /^## (.+)$/.exec(line)?.[1] ?? section
    if (!/^\s*[-*+] /.test(line)) continue
    const [, id, word, says] = /^- \*\*([A-Z]{4}-[QP]?\d+)\*\* (\w+): (\S.*)$/.exec(line) ?? []
    const binds = bindings.find((binding) => binding === word)
    if (id === undefined || says === undefined || !binds)
      throw new Error(`${file}:${index + 1}: write "- **ABCD-01** ${bindings.join('|')}: what is held to"`)
    statements.push({ id, binds, text: says, section })
  }
  return statements
}

/** What the ids of a contract begin with: `BIRD`. */
export const familyOf = (id: string): string => id.slice(0, id.indexOf('-'))
