import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { command, query, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import { canonicalJson } from '../../directory/json.ts'
import type { AddConnection, ChangeConnection } from '../engine.ts'
import type { ConnectionView } from '../connection.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import { distinct } from '../distinct-assignments.ts'
import { requireOperator, type SyncParts } from '../parts.ts'
import { alone } from './alone.ts'
import type { AppliedConfiguration, Configuration, Difference } from './configuration.ts'
import { givenContext } from './credentials.ts'
import { webhookDifferences } from './differences.ts'
import type { ApplyReport, ConfigurationEngine } from './engine.ts'
import { connectionDrift } from './managed.ts'
import {
  baseUrlOf,
  placed,
  prepare,
  readStanding,
  withNames,
  type Prepared,
  type PreparedConnection,
  type PreparedWebhook,
} from './prepare.ts'

/** How connections are made and changed when a file says so. */
export interface ConnectionChanges {
  readonly add: (call: Call, input: AddConnection) => Promise<ConnectionView>
  readonly change: (call: Call, input: ChangeConnection) => Promise<ConnectionView>
}

export function createConfigurationEngine(parts: SyncParts, changes: ConnectionChanges): ConfigurationEngine {
  const { ledger } = parts
  return {
    getConfiguration: async (call) => {
      const { applied, standing } = await query(ledger, 'read', (tx: LedgerReader, { organizationId }: Call) =>
        readStanding(tx, organizationId),
      )(call, undefined)
      if (!applied) return { applied, drift: [] }
      const drift: Difference[] = []
      for (const { name } of applied.connections) {
        const stands = standing.find(({ connection }) => connection.name === name)
        if (!stands) drift.push({ path: `connections.${name}`, note: 'The connection was removed.', kept: false })
        else drift.push(...(await withNames(parts, stands, connectionDrift(parts, applied, stands) ?? [])))
      }
      return { applied, drift: [...drift, ...(await webhookDrift(parts, call, applied))] }
    },

    compareConfiguration: async (call, { configuration }) => {
      await requireOperator(parts, call)
      return differencesIn(await prepare(parts, call, configuration))
    },

    applyConfiguration: async (call, { file, configuration }) => {
      await requireOperator(parts, call)
      return alone(parts, call, async () => {
        const prepared = await prepare(parts, call, configuration)
        // First what is not checked yet: whether a webhook may lead there is the directory's to say.
        const webhookIds = new Map<string, string>()
        for (const webhook of prepared.webhooks) webhookIds.set(webhook.named.name, await putWebhook(parts, call, webhook))
        const connectionIds = new Map<string, string>()
        for (const connection of prepared.connections)
          connectionIds.set(connection.named.name, await putConnection(changes, call, connection))
        return record(parts, call, { file, configuration, prepared, webhookIds, connectionIds })
      })
    },
  }
}

const differencesIn = ({ connections, webhooks }: Prepared): readonly Difference[] =>
  [...connections, ...webhooks].flatMap(({ differences }) => differences)

async function webhookDrift(
  { directory }: SyncParts,
  call: Call,
  { webhooks }: AppliedConfiguration,
): Promise<readonly Difference[]> {
  if (webhooks.length === 0) return []
  const standing = (await directory.listWebhooks(call, undefined)).map(({ webhook }) => webhook)
  return webhooks.flatMap((named) => {
    const stands = standing.find(({ id }) => id === named.id)
    if (stands) return webhookDifferences(named, stands, named)
    return [{ path: `webhooks.${named.name}`, note: 'The webhook was removed.', kept: false }]
  })
}

/** The names of the settings that may be changed, below the connection or webhook. */
const changing = (path: string, differences: readonly Difference[]): ReadonlySet<string> =>
  new Set(differences.filter(({ kept }) => !kept).map((difference) => difference.path.slice(path.length + 1)))

async function putWebhook(
  { directory }: SyncParts,
  call: Call,
  { named, standing, differences }: PreparedWebhook,
): Promise<string> {
  const path = `webhooks.${named.name}`
  try {
    if (!standing) {
      const { webhook } = await directory.addWebhook(call, named)
      if (named.enabled === false) await directory.changeWebhook(call, { id: webhook.id, enabled: false })
      return webhook.id
    }
    const settings = changing(path, differences)
    if (settings.size > 0)
      await directory.changeWebhook(call, {
        id: standing.id,
        ...(settings.has('url') && { url: named.url }),
        ...(settings.has('actions') && { actions: named.actions }),
        ...(settings.has('enabled') && { enabled: named.enabled }),
      })
    return standing.id
  } catch (cause) {
    throw placed(path, cause)
  }
}

async function putConnection({ add, change }: ConnectionChanges, call: Call, prepared: PreparedConnection): Promise<string> {
  const { named, credentials, standing, differences } = prepared
  const path = `connections.${named.name}`
  try {
    if (!standing) {
      const { id } = await add(call, {
        name: named.name,
        vendor: named.vendor,
        baseUrl: baseUrlOf(prepared),
        credentials: credentials ?? {},
        assignments: named.assignments ?? [],
        policy: named.policy,
      })
      if (named.writesEnabled) await change(call, { id, writesEnabled: true })
      return id
    }
    const { id } = standing.connection
    const settings = changing(path, differences)
    const policy = Object.fromEntries(Object.entries(named.policy).filter(([name]) => settings.has(`policy.${name}`)))
    if (settings.size > 0)
      await change(call, {
        id,
        ...(settings.has('baseUrl') && { baseUrl: named.baseUrl }),
        ...(settings.has('writesEnabled') && { writesEnabled: named.writesEnabled }),
        ...(settings.has('credentials') && { credentials }),
        ...(settings.has('assign') && { assignments: named.assignments }),
        ...(Object.keys(policy).length > 0 && { policy }),
      })
    return id
  } catch (cause) {
    throw placed(path, cause)
  }
}

interface Done {
  readonly file: string
  readonly configuration: Configuration
  readonly prepared: Prepared
  readonly webhookIds: ReadonlyMap<string, string>
  readonly connectionIds: ReadonlyMap<string, string>
}

/** Notes what was applied, for whoever asks what the file names; the same once more is no change. */
function record(
  parts: SyncParts,
  call: Call,
  { file, configuration: whole, prepared, webhookIds, connectionIds }: Done,
): Promise<ApplyReport> {
  const configuration = withoutCredentials(whole)
  const digest = createHash('sha256').update(canonicalJson(configuration)).digest('hex')
  const all = [...prepared.connections, ...prepared.webhooks]
  const created = all.flatMap(({ standing, differences }) =>
    standing ? [] : differences.flatMap(({ path, kept }) => (kept ? [] : [path])),
  )
  const changed = all.flatMap(({ standing, differences }) =>
    standing ? differences.flatMap(({ path, kept }) => (kept ? [] : [path])) : [],
  )
  const kept = differencesIn(prepared).filter((difference) => difference.kept)
  return command(
    parts.ledger,
    'operate',
    async (tx: LedgerWriter, { organizationId, actor, now }: Call): Promise<Outcome<ApplyReport>> => {
      const before = await tx.configuration(organizationId)
      const next: AppliedConfiguration = {
        organizationId,
        file,
        digest,
        appliedAt: now,
        appliedBy: actor,
        configuration,
        connections: prepared.connections.map(({ named, credentials, standing }) => ({
          ...named,
          ...(named.assign && !named.assignments && { waitsFrom: distinct(standing?.assignments ?? []) }),
          ...(credentials && {
            sealedCredentials: parts.sealer.seal(canonicalJson(credentials), givenContext(connectionIds.get(named.name)!)),
          }),
        })),
        webhooks: prepared.webhooks.map(({ named }) => ({ ...named, id: webhookIds.get(named.name)! })),
        kept: kept.map(({ stands: _, ...difference }) => difference),
      }
      const released = before ? namesIn(before).filter((path) => !namesIn(next).includes(path)) : []
      const report: ApplyReport = { digest, created, changed, kept, released }
      await tx.putConfiguration(next)
      if (before && created.length + changed.length === 0 && isSame(before, next)) return unchanged(report)
      const detail = { file, digest, created, changed, kept: kept.map(({ path }) => path), released }
      return [report, { action: 'configuration.applied', subject: organizationId, detail }]
    },
  )(call, undefined)
}

const namesIn = ({ connections, webhooks }: AppliedConfiguration): readonly string[] => [
  ...connections.map(({ name }) => `connections.${name}`),
  ...webhooks.map(({ name }) => `webhooks.${name}`),
]

function withoutCredentials({ connections, ...rest }: Configuration): Configuration {
  if (!connections) return rest
  return {
    ...rest,
    connections: Object.fromEntries(Object.entries(connections).map(([name, { credentials: _, ...entry }]) => [name, entry])),
  }
}

/** Whether both say the same; sealed anew, a secret looks another every time. */
const isSame = (one: AppliedConfiguration, other: AppliedConfiguration): boolean =>
  isDeepStrictEqual(comparable(one), comparable(other))

function comparable({ appliedAt: _at, appliedBy: _by, connections, ...rest }: AppliedConfiguration): unknown {
  const named = connections.map(({ sealedCredentials: _, ...each }) => each)
  return JSON.parse(canonicalJson({ ...rest, connections: named }))
}
