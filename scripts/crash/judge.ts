import { z } from 'zod'

const Ledger = z.object({ writes: z.array(z.object({ operation: z.string(), subject: z.string() })) })
const Users = z.object({ Users: z.array(z.object({ Username: z.string() })) })

/** The vendor as the judge sees it. */
export interface Vendor {
  readonly baseUrl: string
  readonly accountId: string
  readonly username: string
  readonly password: string
}

/** The accounts that the vendor says it made and took away, by user name, with how often. */
export interface Deeds {
  readonly created: ReadonlyMap<string, number>
  readonly deleted: ReadonlyMap<string, number>
}

export async function readDeeds({ baseUrl }: Vendor): Promise<Deeds> {
  const { writes } = Ledger.parse(await (await fetch(new URL('/_twin/ledger', baseUrl))).json())
  const countOf = (operation: string) => {
    const counts = new Map<string, number>()
    for (const write of writes) if (write.operation === operation) counts.set(write.subject, (counts.get(write.subject) ?? 0) + 1)
    return counts
  }
  return { created: countOf('createUser'), deleted: countOf('deleteUser') }
}

export interface Verdict {
  /** Accepted creations and removals. */
  readonly steps: number
  /** People who should have an account and have none, and people who left and have one. */
  readonly lost: number
  /** Creations and removals of the same name beyond the first. */
  readonly duplicated: number
  /** Removals of accounts that nobody asked to remove. */
  readonly wronglyRemoved: number
}

/** Judges by the vendor alone: what it accepted, and who stands there now. */
export async function judge(
  vendor: Vendor,
  { stay, leave }: { readonly stay: readonly string[]; readonly leave: readonly string[] },
): Promise<Verdict> {
  const { created, deleted } = await readDeeds(vendor)
  const standing = await readStanding(vendor)
  const left = new Set(leave)
  const sum = (counts: ReadonlyMap<string, number>, value: (count: number) => number) =>
    [...counts.values()].reduce((total, count) => total + value(count), 0)
  return {
    steps: sum(created, (count) => count) + sum(deleted, (count) => count),
    lost:
      stay.filter((name) => !standing.has(name)).length + leave.filter((name) => standing.has(name) || !created.has(name)).length,
    duplicated: sum(created, (count) => count - 1) + sum(deleted, (count) => count - 1),
    wronglyRemoved: [...deleted.keys()].filter((name) => !left.has(name)).length,
  }
}

async function readStanding({ baseUrl, accountId, username, password }: Vendor): Promise<ReadonlySet<string>> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const response = await fetch(`${baseUrl}/accounts/${accountId}/users`, {
    headers: { authorization, accept: 'application/json' },
  })
  return new Set(Users.parse(await response.json()).Users.map((user) => user.Username))
}
