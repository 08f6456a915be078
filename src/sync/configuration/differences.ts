import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../directory/json.ts'
import type { Webhook } from '../../directory/webhook.ts'
import type { Assignment, Connection } from '../connection.ts'
import { distinct } from '../distinct-assignments.ts'
import { deletionOf } from '../policy.ts'
import type { Difference, NamedConnection, NamedWebhook } from './configuration.ts'
import type { PolicySetting } from './effective.ts'

export interface StandingConnection {
  readonly connection: Connection
  readonly assignments: readonly Assignment[]
}

/**
 * What a file names of a connection and stands otherwise; of its credentials nothing (see credentials.ts). `before` is what the file named when it was
 * applied last: writes that were allowed then and are off now were switched off by somebody since, and no file switches them on again.
 */
export function connectionDifferences(
  named: NamedConnection,
  { connection, assignments }: StandingConnection,
  before: NamedConnection | undefined,
): readonly Difference[] {
  const path = `connections.${named.name}`
  const differences: Difference[] = []
  const note = (setting: string, rest: Omit<Difference, 'path'>) => differences.push({ path: `${path}.${setting}`, ...rest })
  if (named.baseUrl !== undefined && named.baseUrl !== connection.baseUrl)
    note('baseUrl', { named: named.baseUrl, stands: connection.baseUrl, kept: false })
  if (named.writesEnabled !== undefined && named.writesEnabled !== connection.writesEnabled) {
    const values = { named: named.writesEnabled, stands: connection.writesEnabled }
    note(
      'writesEnabled',
      named.writesEnabled && before?.writesEnabled ? { ...values, ...switchedOff(named.name) } : { ...values, kept: false },
    )
  }
  if (named.assignments && !isDeepStrictEqual(distinct(named.assignments), distinct(assignments)))
    note('assign', { ...(named.assign !== undefined && { named: plain(named.assign) }), kept: false })
  for (const [setting, value] of policyDifferences(named, connection)) note(`policy.${setting}`, { ...value, kept: false })
  return differences
}

const switchedOff = (name: string) => ({
  note: `Writes were switched off since the file was applied, and a file does not undo that. Switch them on when it is safe: rollcall connection enable-writes ${name}`,
  kept: true,
})

function policyDifferences(
  { policy: named }: NamedConnection,
  { policy }: Connection,
): readonly (readonly [PolicySetting, Pick<Difference, 'named' | 'stands'>])[] {
  const standing = { ...policy, deletion: deletionOf(policy) }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a NamedPolicy, which the schema has checked
  const settings = Object.keys(named) as PolicySetting[]
  return settings.flatMap((setting) => {
    const [wanted, stands] = [named[setting] ?? undefined, standing[setting]]
    if (isDeepStrictEqual(plain(wanted), plain(stands))) return []
    return [
      [
        setting,
        { ...(wanted !== undefined && { named: plain(wanted) }), ...(stands !== undefined && { stands: plain(stands) }) },
      ] as const,
    ]
  })
}

/** Of a URL nothing is told: what follows its host may be a capability. */
export function webhookDifferences(
  named: NamedWebhook,
  standing: Webhook,
  before: NamedWebhook | undefined,
): readonly Difference[] {
  const path = `webhooks.${named.name}`
  const switchedOff = named.enabled === true && before?.enabled === true
  return [
    ...(new URL(named.url).href === standing.url
      ? []
      : [{ path: `${path}.url`, note: 'It is sent to another URL.', kept: false }]),
    ...(named.actions === undefined || isDeepStrictEqual([...new Set(named.actions)], standing.actions)
      ? []
      : [{ path: `${path}.actions`, named: plain(named.actions), stands: plain(standing.actions ?? 'all'), kept: false }]),
    ...(named.enabled === undefined || named.enabled === standing.enabled
      ? []
      : [
          {
            path: `${path}.enabled`,
            named: named.enabled,
            stands: standing.enabled,
            kept: switchedOff,
            ...(switchedOff && {
              note: `It was disabled since the file was applied, and a file does not undo that: rollcall webhooks enable ${standing.id}`,
            }),
          },
        ]),
  ]
}

/** The value as JSON has it: members that are undefined are left out. */
function plain(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value ?? null))
  return json
}
