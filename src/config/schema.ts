import { z } from 'zod'
import { connectors } from '../dialects/index.ts'
import { configurationOf } from '../dialects/native/wire/configuration.ts'

/** What may stand among credentials in clear: names of accounts and keys, addresses, and how the vendor is spoken to. Everything else is a secret. */
export const publicCredentials: readonly string[] = [
  'accountId',
  'accountSid',
  'api',
  'apiBaseUrl',
  'apiKeySid',
  'application',
  'baseUrl',
  'clientId',
  'defaultRole',
  'keyId',
  'keysBaseUrl',
  'organizationId',
  'organizationSid',
  'paths',
  'profile',
  'projectId',
  'projectIds',
  'region',
  'roleNames',
  'roles',
  'scimBaseUrl',
  'tokenUrl',
  'username',
]

const reference = z.string().regex(/^\$\{(env|file):[^{}]+\}$/)
const plain = z.union([z.string(), z.array(z.string()), z.record(z.string(), z.string())]).exactOptional()
const credentials = z.union([
  z.string().regex(/^\$\{file:[^{}]+\}$/),
  z.object(Object.fromEntries(publicCredentials.map((name) => [name, plain]))).catchall(reference),
])

/** The vendors that there are connectors for. */
export const vendors: readonly string[] = Object.keys(connectors)

/** The file rollcall.yaml: the configuration of the API, with references in place of secrets. */
export const ConfigurationFile = configurationOf({ vendor: z.enum(vendors), credentials })
export type ConfigurationFile = z.output<typeof ConfigurationFile>

export type JsonSchema = z.core.JSONSchema.JSONSchema

/** The JSON Schema (draft 2020-12) of the file, for editors and checks elsewhere. Made of the schema that reads it. */
export const jsonSchema = (): JsonSchema => ({
  ...z.toJSONSchema(ConfigurationFile, { io: 'input', reused: 'inline' }),
  title: 'rollcall.yaml',
  description:
    'Desired state of a Rollcall organization: connections, whom they are for, policies, webhooks. See docs/configuration.md.',
})
