import type { Call } from '../../../directory/call.ts'
import type { TryEngine, TryReport } from '../../../sync/try/engine.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/try.ts'
import { idIn, withoutKey } from './request.ts'

export function serveTry(mount: Mount<Call>, { directory }: Pick<ServeServices, 'directory'>, engine: TryEngine): void {
  mount(wire.tryPerson, async (call, { params, body }) => {
    const connectionId = idIn(params, 'connectionId')
    return { value: toReport(await engine.tryPerson(await withoutKey(directory, call), { connectionId, ...body })) }
  })
  mount(wire.provisionPerson, async (call, { params, body }) => {
    const connectionId = idIn(params, 'connectionId')
    return { value: toReport(await engine.provisionPerson(await withoutKey(directory, call), { connectionId, ...body })) }
  })
}

const toReport = ({ membershipId, steps, attributes, ...report }: TryReport): Value<typeof wire.tryPerson.reply> => ({
  ...report,
  memberId: membershipId,
  steps: steps.map((step) => ({ ...step })),
  attributes: attributes.map((attribute) => ({ ...attribute })),
})
