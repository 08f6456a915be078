import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { when } from './page.ts'
import { NamedPolicy } from './policy.ts'

const name = z.string().min(1).max(100)

/** What a file may say (docs/configuration.md). The file itself has references where the API has a connection's credentials. */
export const configurationOf = <V extends z.ZodType, C extends z.ZodType>({
  vendor,
  credentials,
}: {
  readonly vendor: V
  readonly credentials: C
}) =>
  z.strictObject({
    version: z.literal(1).describe('The version of this format.'),
    organization: z
      .string()
      .min(1)
      .exactOptional()
      .describe('Name or id of the organization that the file is for. An apply to another one is refused.'),
    defaults: NamedPolicy.exactOptional().describe(
      'The policy of every connection of the file, where nothing nearer names the setting.',
    ),
    vendors: z
      .record(name, NamedPolicy)
      .exactOptional()
      .describe('The policy of every connection of the file to a vendor, by the vendor’s name: role maps, for instance.'),
    connections: z
      .record(
        name,
        z.strictObject({
          vendor: vendor.describe('Which connector acts on it.'),
          baseUrl: z.string().exactOptional().describe('The vendor’s base URL; without it, the one among the credentials.'),
          credentials: credentials
            .exactOptional()
            .describe(
              'What the connector proves itself with. Secrets are references. Without it, the credentials that stand are kept.',
            ),
          writesEnabled: z
            .boolean()
            .exactOptional()
            .describe('Whether plans may change the vendor. A new connection only reads.'),
          assign: z
            .union([
              z.literal('everyone'),
              z.strictObject({
                groups: z.array(name).max(1000).exactOptional(),
                members: z.array(z.string().min(1)).max(10_000).exactOptional(),
              }),
            ])
            .exactOptional()
            .describe(
              'Who should have an account: everyone, or the members of groups (by displayName) and members (by userName). Leave it out where an identity provider assigns.',
            ),
          policy: NamedPolicy.exactOptional().describe('The policy of this connection.'),
        }),
      )
      .exactOptional()
      .describe('The vendor accounts that are acted on, by name.'),
    webhooks: z
      .record(
        name,
        z.strictObject({
          url: z.string().min(1).describe('Where what happens is posted to.'),
          actions: z
            .array(z.string().max(100))
            .min(1)
            .max(100)
            .exactOptional()
            .describe('Only these, such as plan.created or finding.*. A new one without it is told everything.'),
          enabled: z.boolean().exactOptional().describe('Whether anything is sent.'),
        }),
      )
      .exactOptional()
      .describe('Who is notified of what happens, by a name of your own.'),
  })

export const Configuration = configurationOf({ vendor: z.string(), credentials: z.record(z.string(), z.json()) })
const file = z.string().min(1).max(200)

export const Difference = z.object({
  path: z.string(),
  named: z.json().optional(),
  stands: z.json().optional(),
  note: z.string().optional(),
  kept: z.boolean(),
})

export const readConfiguration = operation({
  name: 'readConfiguration',
  summary:
    'What the file named that was applied last, without its secrets, and what stands otherwise since; without one, nothing is named',
  method: 'GET',
  path: '/configuration',
  status: 200,
  reply: json(
    z.object({
      applied: z.object({ file: z.string(), digest: z.string(), at: when, by: z.string() }).optional(),
      configuration: Configuration,
      drift: z.array(Difference),
    }),
  ),
})

export const applyConfiguration = operation({
  name: 'applyConfiguration',
  summary:
    'Makes what a file names stand: connections and webhooks that are missing are made, settings that differ are changed, nothing is removed. Once more, it changes nothing',
  method: 'PUT',
  path: '/configuration',
  request: json(z.strictObject({ file, configuration: Configuration })),
  status: 200,
  reply: json(
    z.object({
      digest: z.string(),
      created: z.array(z.string()),
      changed: z.array(z.string()),
      kept: z.array(Difference),
      released: z.array(z.string()),
    }),
  ),
})

export const compareConfiguration = operation({
  name: 'compareConfiguration',
  summary: 'What applying a file would change, and what it would have to leave as it is. Changes nothing',
  method: 'POST',
  path: '/configuration/compare',
  request: json(z.strictObject({ configuration: Configuration })),
  status: 200,
  reply: json(z.object({ differences: z.array(Difference) })),
})
