import { unchanged } from '../../directory/call.ts'
import { isRemoteFailure } from '../vendor.ts'
import { commit, type Hand } from '../work.ts'
import { leave } from './enter.ts'
import { quarantineLimits, type Quarantine } from './health.ts'
import { probeTime } from './judge.ts'
import { adviceOf, check } from './note.ts'

/** Whether the connection stands in a quarantine that probes can end. */
export const isProbed = ({ connection }: Hand): boolean => connection.health?.quarantine?.probeAt !== undefined

/**
 * A turn of work on a connection in quarantine: when it is time, the vendor is asked for its check, a part of its list and its roles, and after enough
 * answers in a row the connection goes on. Answers when the next turn is due.
 */
export async function probe(hand: Hand): Promise<Date> {
  const { parts, connection } = hand
  const { organizationId, id } = connection
  const due = connection.health?.quarantine?.probeAt
  if (due && due > parts.clock()) return due
  const trouble = await ask(hand)
  return commit(hand, async (tx, call) => {
    const { now } = call
    const current = await tx.connection(organizationId, id)
    const { health } = current ?? {}
    // Somebody let it go, or took it into their own hand, while the vendor was being asked.
    if (!current || !health?.quarantine?.probeAt) return unchanged(now)
    const { policy } = current
    const { lastProbe: _, ...before } = health.quarantine
    const successes = trouble === undefined ? before.successes + 1 : 0
    const probes = before.probes + 1
    if (successes >= quarantineLimits(policy).successes) {
      const reason = `The vendor answered ${successes} probes in a row as it should.`
      const [first, ...rest] = await leave(tx, call, { connection: current, how: 'probes', reason, parts })
      return first ? [now, first, ...rest] : unchanged(now)
    }
    const failed = trouble === undefined ? 0 : before.failed + 1
    const probeAt = probeTime(policy, { now, failed, relapses: trouble === undefined ? 0 : health.relapses })
    const quarantine: Quarantine = {
      ...before,
      probes,
      successes,
      failed,
      probeAt,
      ...(trouble !== undefined && { lastProbe: trouble }),
    }
    await tx.putConnection({ ...current, health: { ...health, quarantine } })
    return unchanged(probeAt)
  })
}

/** What is still wrong; undefined when the vendor answers everything. */
async function ask({ watch }: Hand): Promise<string | undefined> {
  const report = await check(watch.unwatched)
  if (!report.usable) return adviceOf(report) || 'the vendor’s check does not pass'
  const { reader } = watch.unwatched
  try {
    for await (const _ of reader.list()) break
    await reader.roles()
    return undefined
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return error.message
  }
}
