import { unchanged } from '../../directory/call.ts'
import type { Connection } from '../connection.ts'
import { openVendor } from '../open-vendor.ts'
import { systemCall } from '../parts.ts'
import { isRemoteFailure, type CheckReport, type Vendor } from '../vendor.ts'
import { commit, type Hand } from '../work.ts'
import { enter } from './enter.ts'
import { unknownHealth, type Health } from './health.ts'
import { verdictOn, withAttempts, withRead, type Refused } from './judge.ts'
import type { Attempt } from './watch.ts'

/** While all goes well, it is written down no more often than this. */
const noteEveryMs = 60_000

/**
 * Writes down how the vendor answered since the last time, and puts the connection into quarantine where its policy says so. Answers whether it is in
 * quarantine now.
 */
export async function noteHealth(hand: Hand): Promise<boolean> {
  const { parts, connection, watch } = hand
  const { organizationId, id } = connection
  const attempts = watch.take()
  const { present, readAt } = await parts.ledger.read(async (tx) => ({
    present: await tx.connection(organizationId, id),
    readAt: await lastReadAt(hand, tx),
  }))
  const { health } = present ?? {}
  if (!isNews(health, { attempts, readAt })) return health?.quarantine !== undefined
  const refused = !present || health?.quarantine ? undefined : await confirm(hand, attempts, present)
  return commit({ ...hand, call: () => systemCall(parts, organizationId) }, async (tx, { now }) => {
    const current = await tx.connection(organizationId, id)
    if (!current) return unchanged(false)
    const { policy, name } = current
    const heard = withAttempts(current.health ?? unknownHealth, attempts, policy)
    const next = readAt ? withRead(heard, readAt) : heard
    const verdict = next.quarantine ? undefined : verdictOn(next, { policy, name, refused, now })
    if (!verdict) {
      await tx.putConnection({ ...current, health: next })
      return unchanged(next.quarantine !== undefined)
    }
    return [true, await enter(tx, { ...current, health: next }, { ...verdict, now })]
  })
}

type Reading = Parameters<Parameters<Hand['parts']['ledger']['read']>[0]>[0]

async function lastReadAt({ connection }: Hand, tx: Reading): Promise<Date | undefined> {
  const snapshot = await tx.latestSnapshot(connection.organizationId, connection.id)
  return snapshot?.certificate.complete ? snapshot.finishedAt : undefined
}

function isNews(
  health: Health = unknownHealth,
  { attempts, readAt }: { readonly attempts: readonly Attempt[]; readonly readAt: Date | undefined },
): boolean {
  if (readAt && (!health.lastReadAt || readAt > health.lastReadAt)) return true
  const last = attempts.at(-1)
  if (!last) return false
  const troubled =
    attempts.some(({ failure }) => failure) || [health.reads, health.writes].some(({ recent }) => recent.includes('0'))
  const wrote = attempts.findLast(({ side, failure }) => side === 'writes' && !failure)
  return troubled || (wrote !== undefined && wrote.at.getTime() - (health.lastSuccessAt?.getTime() ?? 0) >= noteEveryMs)
}

/** 404: some vendors hide what is closed. */
const gates: ReadonlySet<number> = new Set([401, 402, 403, 404])

/** Whether the vendor refuses us, and not something that was asked of it: a refusal that nothing of its kind followed, and a check that says the same. */
async function confirm(
  { watch, parts, connection }: Hand,
  attempts: readonly Attempt[],
  present: Connection,
): Promise<Refused | undefined> {
  const at = attempts.findLastIndex(({ failure }) => failure && gates.has(failure.status))
  const found = attempts[at]
  if (!found?.failure || attempts.slice(at + 1).some(({ side, failure }) => side === found.side && !failure)) return undefined
  // A rotation may have put another key in the place of the one that the work began with.
  const isSame = present.sealedSecret === connection.sealedSecret
  const report = await check(isSame ? watch.unwatched : openVendor(parts, present))
  if (report.usable) return undefined
  return { ...found.failure, side: found.side, advice: adviceOf(report) }
}

/** What a check says that has to be mended; empty where it says nothing. */
export const adviceOf = ({ findings }: CheckReport): string =>
  findings
    .filter(({ level }) => level === 'problem')
    .map(({ message }) => message)
    .join(' ')

/** The vendor's check; one that fails says why. */
export async function check({ reader }: Vendor): Promise<CheckReport> {
  try {
    return await reader.check()
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return { usable: false, findings: [{ level: 'problem', message: error.message }] }
  }
}
