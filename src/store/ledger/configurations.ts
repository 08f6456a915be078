import type {
  AppliedConfiguration,
  ConfigurationLedgerReader,
  ConfigurationLedgerWriter,
} from '../../sync/configuration/configuration.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { putRow } from '../rows.ts'
import { statement } from '../statement.ts'

const one = statement((db, p: { readonly organization_id: string }) =>
  db.selectFrom('configurations').select('content').where('organization_id', '=', p.organization_id),
)
const put = putRow('configurations', { key: ['organization_id'], rest: ['content'] })

export function readConfigurations(executor: Executor) {
  return {
    configuration: async (organizationId) => {
      const row = await executor.first(one, { organization_id: organizationId })
      return row && decode<AppliedConfiguration>(row.content)
    },
  } satisfies ConfigurationLedgerReader
}

export function writeConfigurations(executor: Executor) {
  return {
    putConfiguration: async (configuration) => {
      await executor.run(put, { organization_id: configuration.organizationId, content: encode(configuration) })
    },
  } satisfies ConfigurationLedgerWriter
}
