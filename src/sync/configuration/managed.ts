import type { Connection } from '../connection.ts'
import type { LedgerReader } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import type { AppliedConfiguration, Difference, ManagedBy } from './configuration.ts'
import { credentialsDifference } from './credentials.ts'
import { connectionDifferences, type StandingConnection } from './differences.ts'

/** What the file that was applied last names of a connection and stands otherwise; undefined for one that it does not name. */
export function connectionDrift(
  parts: Pick<SyncParts, 'sealer'>,
  applied: AppliedConfiguration | undefined,
  standing: StandingConnection,
): readonly Difference[] | undefined {
  const { name } = standing.connection
  const named = applied?.connections.find((each) => each.name === name)
  if (!applied || !named) return undefined
  const credentials = credentialsDifference(parts, standing.connection, { sealedBefore: named.sealedCredentials })
  return [
    ...connectionDifferences(named, standing, named),
    ...(credentials ? [credentials] : []),
    ...applied.kept.filter(({ path }) => path === `connections.${name}.assign`),
  ]
}

/** What a view of a connection says of the file that names it. */
export async function managedBy(
  tx: LedgerReader,
  connection: Connection,
  parts: Pick<SyncParts, 'sealer'>,
): Promise<{ readonly managedBy?: ManagedBy }> {
  const applied = await tx.configuration(connection.organizationId)
  if (!applied) return {}
  const assignments = await tx.assignments(connection.organizationId, connection.id)
  return managedIn(parts, applied, { connection, assignments })
}

export function managedIn(
  parts: Pick<SyncParts, 'sealer'>,
  applied: AppliedConfiguration | undefined,
  standing: StandingConnection,
): { readonly managedBy?: ManagedBy } {
  const drift = connectionDrift(parts, applied, standing)
  if (!applied || !drift) return {}
  return { managedBy: { file: applied.file, appliedAt: applied.appliedAt, drift: settingsOf(standing.connection, drift) } }
}

/** Which settings that a file names a change takes away from what it says. */
export function newlyDrifted(
  parts: Pick<SyncParts, 'sealer'>,
  applied: AppliedConfiguration | undefined,
  { before, after }: { readonly before: StandingConnection; readonly after: StandingConnection },
): readonly string[] {
  const old = new Set(settingsOf(before.connection, connectionDrift(parts, applied, before) ?? []))
  return settingsOf(after.connection, connectionDrift(parts, applied, after) ?? []).filter((setting) => !old.has(setting))
}

const settingsOf = ({ name }: Connection, drift: readonly Difference[]): readonly string[] =>
  drift.map(({ path }) => path.slice(`connections.${name}.`.length))
