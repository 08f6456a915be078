import type { Call } from '../../../directory/call.ts'
import type { Engine } from '../../../sync/engine.ts'
import type { OffboardingView } from '../../../sync/leaver/engine.ts'
import type { IssuedReceipt, Offboarding, Visit } from '../../../sync/leaver/offboarding.ts'
import { offboardingAsText } from '../../../sync/leaver/render.ts'
import type { Value } from '../../../wire/operation.ts'
import { pageHeaders } from '../../../wire/page.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { receiptPage, receiptStyle } from '../receipt-page.ts'
import * as wire from '../wire/offboardings.ts'
import { pageOf } from './page.ts'
import { idIn, withoutKey } from './request.ts'
import { toPlan } from './sync-view.ts'

type Summary = Value<(typeof wire.listOffboardings)['reply']>['items'][number]
type Detail = Value<(typeof wire.readOffboarding)['reply']>

export function serveOffboardings(mount: Mount<Call>, { directory }: Pick<ServeServices, 'directory'>, engine: Engine): void {
  mount(wire.offboard, async (call, { body }) => {
    const { membershipId, plans, view } = await engine.offboard(await withoutKey(directory, call), body)
    const connections = await engine.listConnections(call)
    return {
      value: { memberId: membershipId, plans: plans.map((plan) => toPlan(plan, connections)), offboarding: toDetail(view) },
    }
  })
  mount(wire.listOffboardings, async (call, { query }) => {
    const { memberId: membershipId, state } = query
    const value = await pageOf(
      query,
      { list: 'offboardings', organizationId: call.organizationId, filter: { membershipId, state } },
      {
        load: (before, limit) => engine.listOffboardings(call, { membershipId, state, before, limit }),
        positionOf: ({ id }) => id,
        translate: toSummary,
      },
    )
    return { value }
  })
  mount(wire.readOffboarding, async (call, { params }) => ({
    value: toDetail(await engine.getOffboarding(call, { id: idIn(params, 'offboardingId') })),
  }))
  mount(wire.readLeaverReceipt, async (call, { params, query }) => {
    const receipt = await engine.getLeaverReceipt(call, { offboardingId: idIn(params, 'offboardingId'), ...query })
    return { value: { ...toMark(receipt), text: receipt.text } }
  })
  mount(wire.readLeaverReceiptPage, async (call, { params, query }) => {
    const receipt = await engine.getLeaverReceipt(call, { offboardingId: idIn(params, 'offboardingId'), ...query })
    return { value: receiptPage(receipt), headers: pageHeaders(receiptStyle) }
  })
}

const toMark = ({ id, number, sha256, issuedAt }: Omit<IssuedReceipt, 'basis'>): NonNullable<Summary['receipt']> => ({
  id,
  number,
  sha256,
  issuedAt,
})

const toSummary = (offboarding: Offboarding): Summary => ({
  id: offboarding.id,
  memberId: offboarding.membershipId,
  person: offboarding.person,
  state: offboarding.state,
  asked: offboarding.asked,
  openedAt: offboarding.openedAt,
  updatedAt: offboarding.updatedAt,
  receipt: offboarding.receipt && toMark(offboarding.receipt),
})

const toDetail = (view: OffboardingView): Detail => ({
  ...toSummary(view.offboarding),
  visits: view.visits.map(toVisit),
  receipts: view.receipts.map(toMark),
  text: offboardingAsText(view),
})

const toVisit = (visit: Visit): Detail['visits'][number] => ({
  connectionId: visit.connectionId,
  connection: visit.connection,
  state: visit.state,
  reason: visit.reason,
  account: visit.account && { ...visit.account, roles: [...visit.account.roles] },
  lock: visit.lock,
  requests: [...visit.requests],
  reads: visit.reads.map((read) => ({ ...read, others: [...read.others] })),
  removal: visit.removal,
  residues: [...visit.residues],
  tasks: [...visit.tasks],
  rechecks: [...visit.rechecks],
  updatedAt: visit.updatedAt,
})
