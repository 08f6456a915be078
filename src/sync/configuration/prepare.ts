import { DirectoryError } from '../../directory/errors.ts'
import type { Call } from '../../directory/call.ts'
import type { Json } from '../../directory/json.ts'
import type { Webhook } from '../../directory/webhook.ts'
import { checkBaseUrl, checkName, checkPolicy } from '../check-connection.ts'
import { defaultPolicy } from '../connection.ts'
import type { LedgerReader } from '../ledger.ts'
import { refusingConfigErrors, secretContext } from '../open-vendor.ts'
import type { SyncParts } from '../parts.ts'
import { changePolicy } from '../policy.ts'
import type { AppliedConfiguration, Configuration, Difference, NamedConnection, NamedWebhook } from './configuration.ts'
import { credentialsDifference } from './credentials.ts'
import { connectionDifferences, webhookDifferences, type StandingConnection } from './differences.ts'
import { nameAssigned, resolve } from './resolve.ts'

/** A connection that a file names, beside the one that stands. */
export interface PreparedConnection {
  readonly named: NamedConnection
  readonly credentials: Readonly<Record<string, Json>> | undefined
  readonly standing: StandingConnection | undefined
  readonly differences: readonly Difference[]
}

export interface PreparedWebhook {
  readonly named: NamedWebhook
  readonly standing: Webhook | undefined
  readonly differences: readonly Difference[]
}

export interface Prepared {
  readonly applied: AppliedConfiguration | undefined
  readonly connections: readonly PreparedConnection[]
  readonly webhooks: readonly PreparedWebhook[]
}

/** Everything that a configuration names beside what stands, before anything is changed. Throws DirectoryError whose field is the path of what is wrong. */
export async function prepare(parts: SyncParts, call: Call, configuration: Configuration): Promise<Prepared> {
  await checkOrganization(parts, call, configuration)
  const { connections: named, unknown } = await resolve(parts, call.organizationId, configuration)
  const { applied, standing } = await parts.ledger.read((tx) => readStanding(tx, call.organizationId))
  const connections: PreparedConnection[] = []
  for (const one of named) {
    const credentials = configuration.connections?.[one.name]?.credentials
    const stands = standing.find(({ connection }) => connection.name === one.name)
    under(`connections.${one.name}`, () => checkConnection(parts, { named: one, credentials, standing: stands }))
    const kept = unknown.filter(({ path }) => path === `connections.${one.name}.assign`)
    const differences = stands
      ? [...compare(parts, { named: one, credentials, standing: stands }, applied), ...kept]
      : [{ path: `connections.${one.name}`, note: 'There is no such connection.', kept: false }, ...kept]
    connections.push({ named: one, credentials, standing: stands, differences: await withNames(parts, stands, differences) })
  }
  return { applied, connections, webhooks: await prepareWebhooks(parts, call, { configuration, applied }) }
}

export async function readStanding(tx: LedgerReader, organizationId: string) {
  const standing: StandingConnection[] = []
  for (const connection of await tx.connections(organizationId))
    standing.push({ connection, assignments: await tx.assignments(organizationId, connection.id) })
  return { applied: await tx.configuration(organizationId), standing }
}

/** Tells who is assigned where that differs. */
export async function withNames(
  parts: SyncParts,
  standing: StandingConnection | undefined,
  differences: readonly Difference[],
): Promise<readonly Difference[]> {
  if (!standing || !differences.some(({ path }) => path === `connections.${standing.connection.name}.assign`)) return differences
  const stands = await nameAssigned(parts, standing.connection.organizationId, standing.assignments)
  return differences.map((one) => (one.path === `connections.${standing.connection.name}.assign` ? { ...one, stands } : one))
}

function compare(
  parts: SyncParts,
  { named, credentials, standing }: Omit<PreparedConnection, 'differences'> & { readonly standing: StandingConnection },
  applied: AppliedConfiguration | undefined,
): readonly Difference[] {
  const before = applied?.connections.find(({ name }) => name === named.name)
  const secret =
    credentials &&
    credentialsDifference(parts, standing.connection, { given: credentials, sealedBefore: before?.sealedCredentials })
  return [...connectionDifferences(named, standing, before), ...(secret ? [secret] : [])]
}

async function checkOrganization({ directory }: SyncParts, call: Call, { organization: wanted }: Configuration): Promise<void> {
  const organization = await directory.getOrganization(call, undefined)
  if (wanted !== undefined && wanted !== organization.id && wanted !== organization.name)
    throw new DirectoryError(
      'conflict',
      `The file is for ${wanted}, and this is ${organization.name}. Use the other key, or the other file.`,
      {
        field: 'organization',
      },
    )
}

function checkConnection(parts: SyncParts, { named, credentials, standing }: Omit<PreparedConnection, 'differences'>): void {
  const invalid = (field: string, message: string) => new DirectoryError('invalid', message, { field })
  if (checkName(named.name) !== named.name) throw invalid('name', 'Give the connection a name without white space around it.')
  if (standing && standing.connection.vendor !== named.vendor)
    throw invalid(
      'vendor',
      `A connection to ${standing.connection.vendor} has this name, and the vendor of a connection stays. Give this one another name.`,
    )
  if (!standing && !credentials) throw invalid('credentials', 'There is no such connection yet, and a new one needs credentials.')
  const baseUrl = baseUrlOf({ named, credentials, standing })
  checkPolicy(changePolicy(standing?.connection.policy ?? defaultPolicy, named.policy))
  const sealed = standing?.connection.sealedSecret
  const held: Json = credentials ?? JSON.parse(parts.sealer.open(sealed ?? '', secretContext(standing?.connection.id ?? '')))
  refusingConfigErrors('credentials', () => parts.connect(named.vendor, { baseUrl, credentials: held }))
}

/** The one that is named, else the one that stands, else the one among the credentials. */
export function baseUrlOf({ named, credentials, standing }: Omit<PreparedConnection, 'differences'>): string {
  const given = credentials?.['baseUrl']
  const baseUrl = named.baseUrl ?? standing?.connection.baseUrl ?? (typeof given === 'string' ? given : undefined)
  if (baseUrl === undefined)
    throw new DirectoryError('invalid', 'Name the vendor’s base URL: the credentials do not say it.', { field: 'baseUrl' })
  return checkBaseUrl(baseUrl)
}

async function prepareWebhooks(
  { directory }: SyncParts,
  call: Call,
  { configuration, applied }: { readonly configuration: Configuration; readonly applied: AppliedConfiguration | undefined },
): Promise<readonly PreparedWebhook[]> {
  const entries = Object.entries(configuration.webhooks ?? {})
  if (entries.length === 0) return []
  const standing = (await directory.listWebhooks(call, undefined)).map(({ webhook }) => webhook)
  return entries.map(([name, entry]) => {
    if (!URL.canParse(entry.url))
      throw new DirectoryError('invalid', 'Give a URL such as https://example.com/hooks.', { field: `webhooks.${name}.url` })
    const named = { ...entry, name }
    const before = applied?.webhooks.find((each) => each.name === name)
    const stands = standing.find(({ id }) => id === before?.id) ?? standing.find(({ url }) => url === new URL(entry.url).href)
    const differences = stands
      ? webhookDifferences(named, stands, before)
      : [{ path: `webhooks.${name}`, note: 'There is no such webhook.', kept: false }]
    return { named, standing: stands, differences }
  })
}

/** Runs a check; what it refuses is told by the path in the file. */
export function under<T>(path: string, check: () => T): T {
  try {
    return check()
  } catch (cause) {
    throw placed(path, cause)
  }
}

export const placed = (path: string, cause: unknown): unknown =>
  cause instanceof DirectoryError
    ? new DirectoryError(cause.refusal, cause.message, {
        field: cause.field === undefined || cause.field === 'name' ? path : `${path}.${cause.field}`,
        cause,
      })
    : cause
