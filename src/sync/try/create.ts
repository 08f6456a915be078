import type { Call } from '../../directory/call.ts'
import type { Step } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { planNow } from '../plans.ts'
import { workOnce } from '../run.ts'
import { isRemoteFailure } from '../vendor.ts'
import type { TryEngine, TryReport, TryStep } from './engine.ts'
import { preview, type Preview } from './preview.ts'
import { releaseFor, type Released } from './release.ts'

/** How long doing it may take while somebody waits for it. */
const patienceMs = 60_000

/** One person at one connection, shown or done. Needs the scope `operate`. */
export const createTryEngine = (parts: SyncParts): TryEngine => ({
  tryPerson: async (call, input) => {
    const { report } = await preview(parts, call, input)
    return isStopped(report) ? report : withStep(report, notAsked(report))
  },
  provisionPerson: async (call, input) => {
    const alone: Call = { ...call, idempotency: undefined }
    const seen = await preview(parts, alone, input)
    const { report, member } = seen
    if (!member || isStopped(report)) return report
    if (report.kind === undefined) return withStep(report, await readBack(parts, seen, report))
    const planId = await planNow(parts, alone, {
      connectionId: input.connectionId,
      only: ({ membershipId }) => membershipId === member.id,
    })
    const released = await releaseFor(parts)({ ...alone, now: parts.clock() }, { planId, membershipId: member.id })
    const ended = await carryOut(parts, alone, { connectionId: input.connectionId, going: released.going })
    const planned = { ...report, planId }
    return afterDoing(parts, seen, { report: planned, released, ended })
  },
})

const isStopped = ({ steps }: TryReport): boolean => steps.at(-1)?.outcome === 'stopped'

const withStep = (report: TryReport, step: TryStep): TryReport => ({ ...report, steps: [...report.steps, step] })

const notAsked = ({ kind }: TryReport): TryStep => ({
  name: 'readBack',
  outcome: 'notAsked',
  message: kind === undefined ? 'nothing is to be done' : 'nothing was done; ask for it with --apply',
})

/** Works on the connection, beside the runner where there is one, until each of the steps has ended. */
async function carryOut(
  parts: SyncParts,
  { organizationId }: Call,
  { connectionId, going }: { readonly connectionId: string; readonly going: readonly string[] },
): Promise<readonly Step[]> {
  const only = { organizationId, kind: 'reconcile', subject: connectionId } as const
  const deadline = parts.clock().getTime() + patienceMs
  for (;;) {
    const steps = await parts.ledger.read(async (tx) => Promise.all(going.map((id) => tx.step(organizationId, id))))
    const known = steps.filter((step) => step !== undefined)
    if (!known.some((step) => isUnderWay(step, parts.clock())) || parts.clock().getTime() >= deadline) return known
    if (!(await workOnce(parts, only))) await parts.sleep(parts.pollMs)
  }
}

const isUnderWay = ({ state, retryAt }: Step, now: Date): boolean =>
  state === 'approved' || state === 'sending' || (state === 'failed' && retryAt !== undefined && retryAt <= now)

async function afterDoing(
  parts: SyncParts,
  seen: Preview,
  { report, released, ended }: { readonly report: TryReport; readonly released: Released; readonly ended: readonly Step[] },
): Promise<TryReport> {
  const bad = ended.filter(({ state }) => state !== 'done')
  const write = report.steps.findIndex(({ name }) => name === 'write')
  const done: TryStep | undefined =
    ended.length > 0 && bad.length === 0 && released.waiting.length === 0
      ? { name: 'write', outcome: 'done', message: ended.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ') }
      : undefined
  const told = done ? { ...report, steps: report.steps.with(write, done) } : report
  if (bad.length > 0)
    return withStep(told, {
      name: 'readBack',
      outcome: 'stopped',
      message: bad.map(({ kind, state, reason }) => `${kind} is ${state}: ${reason}`).join('; '),
    })
  if (released.waiting.length > 0)
    return withStep(told, { name: 'readBack', outcome: 'waits', message: released.waiting.join('; ') })
  const back = await readBack(parts, seen, told)
  const link = await parts.ledger.read((tx) =>
    tx.linkOf(seen.connection.organizationId, seen.connection.id, seen.member?.id ?? ''),
  )
  return withStep({ ...told, accountId: link?.accountId ?? told.accountId }, back)
}

/** The account as the vendor shows it now. */
async function readBack(parts: SyncParts, { connection, vendor, member }: Preview, report: TryReport): Promise<TryStep> {
  const name = 'readBack'
  const link = await parts.ledger.read((tx) => tx.linkOf(connection.organizationId, connection.id, member?.id ?? ''))
  const accountId = link?.accountId ?? report.accountId
  if (accountId === undefined) return { name, outcome: 'nothing', message: `${vendor.name} has no account of theirs` }
  try {
    const account = await vendor.reader.read(accountId)
    if (!account) return { name, outcome: 'ok', message: `${vendor.name} has no account ${accountId} any more` }
    const shown = [account.userName, account.email, account.givenName, account.familyName].filter(Boolean).join(', ')
    const roles = account.roles.map((role) => role.name).join(', ')
    return {
      name,
      outcome: 'ok',
      message: `account ${account.id} is ${account.status}: ${shown}${roles ? `; roles ${roles}` : ''}`,
    }
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return { name, outcome: 'stopped', message: `${vendor.name} could not be read back: ${error.message}` }
  }
}
