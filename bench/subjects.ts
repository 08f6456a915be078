import { fileURLToPath } from 'node:url'

/** Who is measured. */
export interface SubjectKind {
  readonly name: string
  /** What it is to the product: itself, a reference that does next to nothing, or another SCIM server. */
  readonly is: 'product' | 'reference' | 'peer'
  /** What it writes to: `memory` and `nothing` write to no disk. */
  readonly database: 'sqlite' | 'postgres' | 'memory' | 'nothing'
  /** The server, for all but the product. */
  readonly script?: string
  readonly arguments?: readonly string[]
  /** Of its SCIM API: /scim/v2 but where told. */
  readonly path?: string
  /** Without pages its answers are fixed ones. */
  readonly pages?: false
  /** What its figures are to be read with. */
  readonly note?: string
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const reference = here('reference.ts')
const scimmy = here('peers/scimmy.ts')

export const rollcall: SubjectKind = { name: 'rollcall', is: 'product', database: 'sqlite' }

/** Those whom every run measures. */
export const ownSubjects: readonly SubjectKind[] = [
  rollcall,
  { name: 'one query', is: 'reference', database: 'sqlite', script: reference, arguments: ['--kind', 'one-query'] },
  { name: 'bare', is: 'reference', database: 'nothing', script: reference, arguments: ['--kind', 'bare'], pages: false },
]

/** Those whom `--peers` adds; the packages of bench/peers/package.json are there for them. */
export const peerSubjects: readonly SubjectKind[] = [
  { name: 'rollcall, PostgreSQL', is: 'product', database: 'postgres' },
  { name: 'one query, PostgreSQL', is: 'reference', database: 'postgres', script: reference, arguments: ['--kind', 'one-query'] },
  { name: 'scimmy, memory', is: 'peer', database: 'memory', script: scimmy },
  { name: 'scimmy, SQLite', is: 'peer', database: 'sqlite', script: scimmy },
  {
    name: 'better-auth, SQLite',
    is: 'peer',
    database: 'sqlite',
    script: here('peers/better-auth.ts'),
    path: '/api/auth/scim/v2',
    note: 'its people are written into its database, its group has 800 members: it allows 1,000',
  },
]
