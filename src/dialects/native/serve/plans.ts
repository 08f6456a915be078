import type { Call } from '../../../directory/call.ts'
import type { Engine, PlanView } from '../../../sync/engine.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/plans.ts'
import { listReceipts, readReceipt, readReceiptKey } from '../wire/receipts.ts'
import { pageOf } from './page.ts'
import { idIn, withoutKey } from './request.ts'
import { toApproval, toPlan, toPlanSummary, toReceiptSummary } from './sync-view.ts'

export function servePlans(mount: Mount<Call>, { directory }: Pick<ServeServices, 'directory'>, engine: Engine): void {
  const shown = async (call: Call, view: PlanView) => toPlan(view, await engine.listConnections(call))

  mount(wire.createPlan, async (call, { params }) => {
    const connectionId = idIn(params, 'connectionId')
    return { value: await shown(call, await engine.createPlan(await withoutKey(directory, call), { connectionId })) }
  })
  mount(wire.listPlans, async (call, { query }) => {
    const { connectionId, state } = query
    const value = await pageOf(
      query,
      { list: 'plans', organizationId: call.organizationId, filter: { connectionId, state } },
      {
        load: (before, limit) => engine.listPlans(call, { connectionId, state, before, limit }),
        positionOf: (plan) => plan.id,
        translate: toPlanSummary,
      },
    )
    return { value }
  })
  mount(wire.readPlan, async (call, { params }) => ({
    value: await shown(call, await engine.getPlan(call, { id: idIn(params, 'planId') })),
  }))
  mount(wire.approvePlan, async (call, { params, body }) => ({
    value: toApproval(await engine.approvePlan(call, { id: idIn(params, 'planId'), ...body })),
  }))
  mount(wire.applyPlan, async (call, { params, query: { digest } }) => {
    const id = idIn(params, 'planId')
    return { value: await shown(call, await engine.applyPlan(await withoutKey(directory, call), { id, digest })) }
  })

  mount(listReceipts, async (call, { query }) => {
    const { subject } = query
    const value = await pageOf(
      query,
      { list: 'receipts', organizationId: call.organizationId, filter: { subject } },
      {
        load: (before, limit) => engine.listReceipts(call, { subject, before, limit }),
        positionOf: (receipt) => receipt.id,
        translate: toReceiptSummary,
      },
    )
    return { value }
  })
  mount(readReceipt, async (call, { params }) => {
    const receipt = await engine.getReceipt(call, { id: idIn(params, 'receiptId') })
    return { value: { ...toReceiptSummary(receipt), text: receipt.text } }
  })
  mount(readReceiptKey, async () => ({ value: { publicKey: engine.receiptKey } }))
}
