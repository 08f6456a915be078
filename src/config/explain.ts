import type { ConnectionEntry, NamedPolicy } from '../sync/configuration/configuration.ts'
import { policyNamed, sourcesOf, type PolicySetting } from '../sync/configuration/effective.ts'
import { connectionSentences } from './sentences.ts'
import { defaults, settings } from './settings.ts'
import type { ReadFile } from './read-file.ts'

/** What a file comes to for one connection, before it is applied anywhere. */
export interface ExplainedConnection {
  readonly name: string
  readonly vendor: string
  /** Undefined where the file leaves it to the credentials. */
  readonly baseUrl: string | undefined
  /** As they stand in the file: references, and what is no secret. */
  readonly credentials: unknown
  readonly writesEnabled: boolean | undefined
  readonly assign: ConnectionEntry['assign'] | undefined
  readonly sentences: readonly string[]
  readonly policy: readonly ExplainedSetting[]
}

export interface ExplainedSetting {
  readonly setting: PolicySetting
  readonly value: NamedPolicy[PolicySetting]
  /** Where it is named, as FILE:LINE and the path; nothing for a default. */
  readonly from: readonly { readonly path: string; readonly line: number }[]
}

export interface Explained {
  readonly connections: readonly ExplainedConnection[]
  readonly webhooks: readonly { readonly name: string; readonly sentence: string }[]
}

/** What every setting of a file comes to, those included that it does not name, and who gets access with which roles. Resolves no reference. */
export function explainFile({ content, placeOf }: ReadFile): Explained {
  return {
    connections: Object.entries(content.connections ?? {}).map(([name, entry]) => {
      const named = policyNamed(content, name)
      const policy: NamedPolicy = {
        ...defaults,
        ...named,
        attributeOwners: { ...defaults.attributeOwners, ...named.attributeOwners },
        findings: { ...defaults.findings, ...named.findings },
        quarantine: { ...defaults.quarantine, ...named.quarantine },
      }
      return {
        name,
        vendor: entry.vendor,
        baseUrl: entry.baseUrl,
        credentials: entry.credentials,
        writesEnabled: entry.writesEnabled,
        assign: entry.assign,
        sentences: connectionSentences(entry, policy),
        policy: settings.map((setting) => ({
          setting,
          value: policy[setting],
          from: sourcesOf(content, name, setting).map((path) => ({ path, line: placeOf(path).line })),
        })),
      }
    }),
    webhooks: Object.entries(content.webhooks ?? {}).map(([name, { url, actions, enabled }]) => ({
      name,
      sentence:
        enabled === false
          ? `${url} is told nothing until it is enabled.`
          : `${url} is told of ${actions ? actions.join(', ') : 'everything that happens'}.`,
    })),
  }
}
