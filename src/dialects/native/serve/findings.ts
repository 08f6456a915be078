import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Engine } from '../../../sync/engine.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/findings.ts'
import { toFinding } from './finding-view.ts'
import { pageOf } from './page.ts'
import { idIn, withoutKey } from './request.ts'
import { toPlan } from './sync-view.ts'

export function serveFindings(mount: Mount<Call>, { directory }: Pick<ServeServices, 'directory'>, engine: Engine): void {
  mount(wire.listFindings, async (call, { query }) => {
    const { connectionId, memberId, kind, state = 'open' } = query
    const filter = { connectionId, kind, membershipId: memberId, state: state === 'all' ? undefined : state }
    const value = await pageOf(
      query,
      { list: 'findings', organizationId: call.organizationId, filter: { connectionId, memberId, kind, state } },
      {
        load: (before, limit) => engine.listFindings(call, { ...filter, before, limit }),
        positionOf: (finding) => finding.id,
        translate: (finding) => toFinding(finding, call.now),
      },
    )
    return { value }
  })
  mount(wire.countFindings, async (call, { query }) => {
    const { connectionId, memberId, kind, state = 'open' } = query
    const kinds = await engine.countFindings(call, {
      connectionId,
      kind,
      membershipId: memberId,
      state: state === 'all' ? undefined : state,
    })
    return { value: { total: kinds.reduce((sum, { count }) => sum + count, 0), kinds: [...kinds] } }
  })
  mount(wire.readFinding, async (call, { params }) => ({
    value: toFinding(await engine.getFinding(call, { id: idIn(params, 'findingId') }), call.now),
  }))
  mount(wire.adoptFinding, async (call, { params, body }) => {
    const { memberId, outside, version, reason } = body
    if (memberId !== undefined && outside)
      throw new DirectoryError('invalid', 'An account is a member’s or nobody’s: give memberId or outside.', {
        field: 'memberId',
      })
    const as = memberId === undefined ? (outside ? 'outside' : undefined) : { membershipId: memberId }
    const id = idIn(params, 'findingId')
    const finding = await engine.adoptFinding(await withoutKey(directory, call), { id, version, reason, as })
    return { value: toFinding(finding, call.now) }
  })
  mount(wire.revertFinding, async (call, { params, body }) => {
    const id = idIn(params, 'findingId')
    const view = await engine.revertFinding(await withoutKey(directory, call), { id, ...body })
    return { value: toPlan(view, await engine.listConnections(call)) }
  })
  mount(wire.ignoreFinding, async (call, { params, body }) => {
    const finding = await engine.ignoreFinding(call, { id: idIn(params, 'findingId'), ...body })
    return { value: toFinding(finding, call.now) }
  })
}
