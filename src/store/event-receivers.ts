import type { Reader, Writer } from '../directory/store.ts'
import type { Executor } from './executor.ts'
import type { EventReceiverRow } from './schema.ts'
import { putRow } from './rows.ts'
import { statement } from './statement.ts'

const byId = statement((db, p: Pick<EventReceiverRow, 'organization_id' | 'id'>) =>
  db.selectFrom('event_receivers').selectAll().where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const any = statement((db, p: Pick<EventReceiverRow, 'organization_id'>) =>
  db.selectFrom('event_receivers').select('id').where('organization_id', '=', p.organization_id).limit(1),
)
const put = putRow('event_receivers', { key: ['organization_id', 'id'], rest: ['position', 'taken'] })

export const readEventReceivers = (executor: Executor) =>
  ({
    eventReceiver: async (organizationId, id) => {
      const row = await executor.first(byId, { organization_id: organizationId, id })
      return row && { organizationId, id, position: row.position, taken: JSON.parse(row.taken) }
    },
    hasEventReceivers: async (organizationId) => (await executor.first(any, { organization_id: organizationId })) !== undefined,
  }) satisfies Partial<Reader>

export const writeEventReceivers = (executor: Executor) =>
  ({
    putEventReceiver: async ({ organizationId, id, position, taken }) => {
      await executor.run(put, { organization_id: organizationId, id, position, taken: JSON.stringify(taken) })
    },
  }) satisfies Partial<Writer>
