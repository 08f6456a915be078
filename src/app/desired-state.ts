import type { Call } from '../directory/call.ts'
import type { Scope } from '../directory/credential.ts'
import { ConfigError } from '../directory/errors.ts'
import type { Organization } from '../directory/organization.ts'
import type { OpenStore } from '../store/open.ts'
import type { Configuration } from '../sync/configuration/configuration.ts'
import type { ApplyReport } from '../sync/configuration/engine.ts'
import type { Engine } from '../sync/engine.ts'
import { clock } from './clock.ts'
import type { Home } from './home.ts'

/** A file of desired state, its references resolved. */
export interface NamedFile {
  readonly file: string
  readonly configuration: Configuration
}

/** What applies a file that the hub is served with. */
const fileScopes: ReadonlySet<Scope> = new Set<Scope>(['read', 'operate'])

export async function applyFile(
  { database, newId }: Home,
  engine: Engine,
  { file, configuration }: NamedFile,
): Promise<ApplyReport> {
  const organizationId = await organizationOf(database, file, configuration)
  const call: Call = {
    organizationId,
    actor: 'system:file',
    scopes: fileScopes,
    now: clock(),
    requestId: newId(),
    via: 'cli.serve',
  }
  return engine.applyConfiguration(call, { file, configuration })
}

/** The organization that the file names by name or id, or the only one there is. */
async function organizationOf({ store }: OpenStore, file: string, { organization: wanted }: Configuration): Promise<string> {
  const found: Organization[] = []
  for (let after: string | undefined; ;) {
    const page = await store.read((reader) => reader.organizations({ after, limit: 100 }))
    found.push(...page.filter(({ id, name }) => wanted === undefined || wanted === id || wanted === name))
    after = page.at(-1)?.id
    if (after === undefined || found.length > 1) break
  }
  const [organization, another] = found
  if (organization && !another) return organization.id
  if (another)
    throw new ConfigError(
      `${file} does not say which organization it is for, and there are several. Name one by its id: organization: ${another.id}`,
    )
  throw new ConfigError(
    wanted === undefined
      ? `${file} is for an organization, and there is none yet. Make one: rollcall organization create --name NAME`
      : `${file} is for ${wanted}, and there is no such organization here. Check "organization", or make it: rollcall organization create --name NAME`,
  )
}
