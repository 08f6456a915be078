import { sql } from 'kysely'
import type { Approval, LedgerReader, LedgerWriter, Plan, Step } from '../../sync/ledger.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { inChunks, putRow } from '../rows.ts'
import { statement } from '../statement.ts'
import { newestWhere } from './newest.ts'

interface Owned {
  readonly organization_id: string
}

const byId = statement((db, p: Owned & { readonly id: string }) =>
  db.selectFrom('plans').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const plannedUpTo = statement((db, p: Owned & { readonly connection_id: string }) =>
  db
    .selectFrom('plan_cursors')
    .select('sequence')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id),
)
const setPlannedUpTo = putRow('plan_cursors', { key: ['organization_id', 'connection_id'], rest: ['sequence'] })
const put = putRow('plans', { key: ['organization_id', 'id'], rest: ['connection_id', 'state', 'content'] })

const steps = statement((db, p: Owned & { readonly plan_id: string }) =>
  db
    .selectFrom('steps')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('plan_id', '=', p.plan_id)
    .orderBy('position')
    .orderBy('id'),
)
const step = statement((db, p: Owned & { readonly id: string }) =>
  db.selectFrom('steps').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const openSteps = statement((db, p: Owned & { readonly connection_id: string }) =>
  db
    .selectFrom('plans')
    .innerJoin('steps', (join) =>
      join.onRef('steps.organization_id', '=', 'plans.organization_id').onRef('steps.plan_id', '=', 'plans.id'),
    )
    .select('steps.content')
    .where('plans.organization_id', '=', p.organization_id)
    .where('plans.connection_id', '=', p.connection_id)
    .where('plans.state', '=', 'open')
    .orderBy('plans.id')
    .orderBy('steps.position')
    .orderBy('steps.id'),
)
const putStep = putRow('steps', { key: ['organization_id', 'id'], rest: ['connection_id', 'plan_id', 'position', 'content'] })
/** `rows`: JSON array of steps' ids, positions and contents. */
const addSteps = statement(
  (db, p: Owned & { readonly connection_id: string; readonly plan_id: string; readonly rows: string }, dialect) =>
    db
      .insertInto('steps')
      .columns(['organization_id', 'connection_id', 'plan_id', 'id', 'position', 'content'])
      .expression(
        // Without a cast PostgreSQL does not know the type of a parameter that is selected.
        sql`select cast(${p.organization_id} as text), cast(${p.connection_id} as text), cast(${p.plan_id} as text),
        r.value ->> 'id', cast(r.value ->> 'position' as integer), r.value ->> 'content' from ${dialect.rows(p.rows)}`,
      ),
)

const approvals = statement((db, p: Owned & { readonly plan_id: string }) =>
  db
    .selectFrom('approvals')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('plan_id', '=', p.plan_id)
    .orderBy('id'),
)
const putApproval = putRow('approvals', { key: ['organization_id', 'id'], rest: ['plan_id', 'content'] })

export function readPlans(executor: Executor) {
  return {
    plan: async (organizationId, id) => {
      const row = await executor.first(byId, { organization_id: organizationId, id })
      return row && decode<Plan>(row.content)
    },
    plans: async (organizationId, { connectionId, state, before, limit }) =>
      (
        await newestWhere(executor, {
          table: 'plans',
          organizationId,
          before,
          limit,
          equal: { connection_id: connectionId, state },
        })
      ).map((content) => decode<Plan>(content)),
    step: async (organizationId, id) => {
      const row = await executor.first(step, { organization_id: organizationId, id })
      return row && decode<Step>(row.content)
    },
    plannedUpTo: async (organizationId, connectionId) =>
      (await executor.first(plannedUpTo, { organization_id: organizationId, connection_id: connectionId }))?.sequence ?? 0,
    steps: async (organizationId, planId) =>
      (await executor.all(steps, { organization_id: organizationId, plan_id: planId })).map((row) => decode<Step>(row.content)),
    openSteps: async (organizationId, connectionId) =>
      (await executor.all(openSteps, { organization_id: organizationId, connection_id: connectionId })).map((row) =>
        decode<Step>(row.content),
      ),
    approvals: async (organizationId, planId) =>
      (await executor.all(approvals, { organization_id: organizationId, plan_id: planId })).map((row) =>
        decode<Approval>(row.content),
      ),
  } satisfies Partial<LedgerReader>
}

export function writePlans(executor: Executor) {
  return {
    putPlan: async (plan) => {
      const { organizationId, connectionId, id, state } = plan
      await executor.run(put, { organization_id: organizationId, connection_id: connectionId, id, state, content: encode(plan) })
    },
    setPlannedUpTo: async (organizationId, connectionId, sequence) => {
      await executor.run(setPlannedUpTo, { organization_id: organizationId, connection_id: connectionId, sequence })
    },
    putStep: async (step) => {
      const { organizationId, connectionId, planId, id, position } = step
      await executor.run(putStep, {
        organization_id: organizationId,
        connection_id: connectionId,
        plan_id: planId,
        id,
        position,
        content: encode(step),
      })
    },
    addSteps: async (steps) => {
      for (const [planId, ofPlan] of Map.groupBy(steps, (step) => step.planId))
        for (const part of inChunks(ofPlan)) {
          const [{ organizationId, connectionId }] = part
          await executor.run(addSteps, {
            organization_id: organizationId,
            connection_id: connectionId,
            plan_id: planId,
            rows: JSON.stringify(part.map((one) => ({ id: one.id, position: one.position, content: encode(one) }))),
          })
        }
    },
    putApproval: async (approval) => {
      const { organizationId, planId, id } = approval
      await executor.run(putApproval, { organization_id: organizationId, plan_id: planId, id, content: encode(approval) })
    },
  } satisfies Partial<LedgerWriter>
}
