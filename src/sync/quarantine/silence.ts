import { command, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import type { FactDraft } from '../../directory/fact.ts'
import type { Connection } from '../connection.ts'
import { versionOf } from '../finding.ts'
import type { LedgerWriter } from '../ledger.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import { silenceMs, unknownHealth } from './health.ts'

/** Raises the alarm when a connection was not read completely for too long, and ends it once it is. */
export async function lookForSilence(
  parts: SyncParts,
  { organizationId, connectionId }: { readonly organizationId: string; readonly connectionId: string },
): Promise<void> {
  const connection = await parts.ledger.read((tx) => tx.connection(organizationId, connectionId))
  if (!connection || isSilent(connection, parts.clock()) === (connection.health?.silentSince !== undefined)) return
  await command(parts.ledger, 'operate', async (tx: LedgerWriter, call: Call): Promise<Outcome<undefined>> => {
    const current = await tx.connection(organizationId, connectionId)
    const silent = current && isSilent(current, call.now)
    if (!current || silent === (current.health?.silentSince !== undefined)) return unchanged(undefined)
    const [first, ...rest] = silent ? await raise(tx, call, { connection: current, parts }) : await end(tx, call, current)
    return first ? [undefined, first, ...rest] : unchanged(undefined)
  })(systemCall(parts, organizationId), undefined)
}

const heardAt = ({ health, createdAt }: Connection): Date => health?.lastReadAt ?? createdAt

function isSilent(connection: Connection, now: Date): boolean {
  const longest = silenceMs(connection.policy)
  return longest !== undefined && now.getTime() - heardAt(connection).getTime() >= longest
}

async function raise(
  tx: LedgerWriter,
  call: Call,
  { connection, parts }: { readonly connection: Connection; readonly parts: Pick<SyncParts, 'newId'> },
): Promise<readonly FactDraft[]> {
  const { id, organizationId, name, vendor, health = unknownHealth } = connection
  const { now } = call
  const since = heardAt(connection)
  const last = health.lastFailure ? ` It said last: ${health.lastFailure.message.replace(/\.$/, '')}.` : ''
  const never = health.lastReadAt ? 'since' : 'since it was connected,'
  const message = `Nothing complete was read of ${name} ${never} ${since.toISOString()}: who left or changed there is not seen.${last} Look at it with: rollcall connection check ${name}`
  await tx.putConnection({ ...connection, health: { ...health, silentSince: now } })
  await tx.putFinding({
    id: parts.newId(),
    organizationId,
    connectionId: id,
    kind: 'silence',
    subject: id,
    message,
    openedAt: now,
    closedAt: undefined,
    version: 1,
  })
  return [
    { action: 'connection.silent', subject: id, detail: { name, vendor, since: since.toISOString(), message } },
    { action: 'finding.opened', subject: id, detail: { kind: 'silence', subjects: [id] } },
  ]
}

async function end(tx: LedgerWriter, { organizationId, now }: Call, connection: Connection): Promise<readonly FactDraft[]> {
  const { id, name, vendor } = connection
  const { silentSince, ...health } = connection.health ?? unknownHealth
  await tx.putConnection({ ...connection, health })
  const open = await tx.findings(organizationId, { connectionId: id, kind: 'silence', open: true, limit: 10 })
  for (const finding of open) await tx.putFinding({ ...finding, closedAt: now, version: versionOf(finding) + 1 })
  const heard: FactDraft = {
    action: 'connection.heard',
    subject: id,
    detail: { name, vendor, silentSince: silentSince?.toISOString(), readAt: health.lastReadAt?.toISOString() },
  }
  return [
    heard,
    ...(open.length > 0 ? [{ action: 'finding.closed', subject: id, detail: { kind: 'silence', subjects: [id] } } as const] : []),
  ]
}
