import { createHash } from 'node:crypto'
import { sql, type SqlBool } from 'kysely'
import { emptyChain, type ChainHead, type Fact } from '../directory/fact.ts'
import type { Sealer } from '../directory/seal.ts'
import type { FactWriter, Reader } from '../directory/store.ts'
import type { Executor, WriteExecutor } from './executor.ts'
import { decode, encode } from './plain.ts'
import { dateOf, msOf, putRow } from './rows.ts'
import type { FactRow } from './schema.ts'
import { statement } from './statement.ts'

/** How long an answer is kept for a repetition of its request, in milliseconds. */
const savedResultLifetimeMs = 24 * 60 * 60 * 1000

interface Owned {
  readonly organization_id: string
}

interface Span extends Owned {
  readonly after: number
  readonly up_to: number
  readonly limit: number
}
const page = statement((db, p: Span) => db.selectFrom('facts').selectAll().where(isWithin(p)).orderBy('sequence').limit(p.limit))
/** No actions, or no id: all of them. */
const chosen = statement((db, p: Span & { readonly actions: string; readonly about: string; readonly quoted: string }, dialect) =>
  db
    .selectFrom('facts')
    .selectAll()
    .where(isWithin(p))
    .where(sql<SqlBool>`(${p.actions} = '[]' or action in ${dialect.texts(p.actions)})`)
    .where(sql<SqlBool>`(${p.about} = '' or subject = ${p.about} or ${dialect.contains(sql.ref('detail'), sql`${p.quoted}`)})`)
    .orderBy('sequence')
    .limit(p.limit),
)
const isWithin = (p: Span) =>
  sql<SqlBool>`organization_id = ${p.organization_id} and sequence > ${p.after} and sequence <= ${p.up_to}`
const since = statement((db, p: Owned & { readonly at: number }) =>
  db
    .selectFrom('facts')
    .select(sql<number | null>`min(sequence)`.as('sequence'))
    .where('organization_id', '=', p.organization_id)
    .where('at', '>=', p.at),
)
const head = statement((db, p: Owned) =>
  db.selectFrom('chain_heads').select(['sequence', 'hash']).where('organization_id', '=', p.organization_id),
)
const append = statement((db, p: FactRow) =>
  db.insertInto('facts').values({
    organization_id: p.organization_id,
    sequence: p.sequence,
    at: p.at,
    actor: p.actor,
    via: p.via,
    request_id: p.request_id,
    action: p.action,
    subject: p.subject,
    detail: p.detail,
    previous_hash: p.previous_hash,
    hash: p.hash,
  }),
)
const moveHead = putRow('chain_heads', { key: ['organization_id'], rest: ['sequence', 'hash'] })

const saved = statement((db, p: Owned & { readonly actor: string; readonly key_hash: string; readonly since: number }) =>
  db
    .selectFrom('saved_results')
    .select(['fingerprint', 'sealed'])
    .where('organization_id', '=', p.organization_id)
    .where('actor', '=', p.actor)
    .where('key_hash', '=', p.key_hash)
    .where('at', '>', p.since),
)
const save = putRow('saved_results', { key: ['organization_id', 'actor', 'key_hash'], rest: ['fingerprint', 'sealed', 'at'] })
const prune = statement((db, p: Owned & { readonly until: number }) =>
  db.deleteFrom('saved_results').where('organization_id', '=', p.organization_id).where('at', '<=', p.until),
)

export function readFacts(executor: Executor) {
  return {
    facts: async (organizationId, { after = 0, upTo = Number.MAX_SAFE_INTEGER, actions = [], about = '', limit }) => {
      const span = { organization_id: organizationId, after, up_to: upTo, limit }
      const rows =
        actions.length === 0 && about === ''
          ? await executor.all(page, span)
          : await executor.all(chosen, { ...span, actions: JSON.stringify(actions), about, quoted: JSON.stringify(about) })
      return rows.map(toFact)
    },
    firstFactSince: async (organizationId, at) =>
      (await executor.first(since, { organization_id: organizationId, at: msOf(at) }))?.sequence ?? undefined,
    chainHead: (organizationId) => headOf(executor, organizationId),
  } satisfies Partial<Reader>
}

/** The organization's last fact. */
export async function headOf(executor: Executor, organizationId: string): Promise<ChainHead> {
  const row = await executor.first(head, { organization_id: organizationId })
  return row ? { sequence: row.sequence, hash: row.hash } : emptyChain
}

export function writeFacts(executor: WriteExecutor, sealer: Sealer) {
  return {
    appendFacts: async (facts) => {
      const { organizationId, sequence, hash } = facts.at(-1)!
      await Promise.all([
        ...facts.map((fact) => executor.run(append, toRow(fact))),
        executor.run(moveHead, { organization_id: organizationId, sequence, hash }),
      ])
      executor.factsOf.add(organizationId)
    },
    savedResult: async (organizationId, actor, key, now) => {
      const row = await executor.first(saved, {
        organization_id: organizationId,
        actor,
        key_hash: hashKey(key),
        since: msOf(now) - savedResultLifetimeMs,
      })
      return (
        row && {
          fingerprint: row.fingerprint,
          result: decode<{ readonly result: unknown }>(sealer.open(row.sealed, sealContext(organizationId, actor, key))).result,
        }
      )
    },
    saveResult: async (organizationId, actor, key, { fingerprint, result, at }) => {
      await executor.run(prune, { organization_id: organizationId, until: msOf(at) - savedResultLifetimeMs })
      const sealed = sealer.seal(encode({ result }), sealContext(organizationId, actor, key))
      await executor.run(save, {
        organization_id: organizationId,
        actor,
        key_hash: hashKey(key),
        fingerprint,
        sealed,
        at: msOf(at),
      })
    },
  } satisfies Partial<FactWriter>
}

const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex')
const sealContext = (organizationId: string, actor: string, key: string): string =>
  JSON.stringify(['saved result', organizationId, actor, key])

export const toFact = (row: FactRow): Fact => ({
  organizationId: row.organization_id,
  sequence: row.sequence,
  at: dateOf(row.at),
  actor: row.actor,
  via: row.via,
  requestId: row.request_id,
  action: row.action,
  subject: row.subject,
  detail: JSON.parse(row.detail),
  previousHash: row.previous_hash,
  hash: row.hash,
})

const toRow = (fact: Fact): FactRow => ({
  organization_id: fact.organizationId,
  sequence: fact.sequence,
  at: msOf(fact.at),
  actor: fact.actor,
  via: fact.via,
  request_id: fact.requestId,
  action: fact.action,
  subject: fact.subject,
  detail: JSON.stringify(fact.detail),
  previous_hash: fact.previousHash,
  hash: fact.hash,
})
