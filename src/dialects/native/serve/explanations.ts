import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { listExplanations } from '../wire/explanations.ts'

export function serveExplanations(mount: Mount<Call>, { directory, explained }: ServeServices): void {
  mount(listExplanations, async (call, { params }) => {
    const { requestId = '' } = params
    await explained()
    const found = /^[\w.-]{1,64}$/.test(requestId) ? await directory.listExplanations(call, { requestId }) : []
    if (found.length === 0)
      throw new DirectoryError('notFound', 'No refusal of this organization has this request id. They are kept for 30 days.', {
        field: 'requestId',
      })
    return { value: { items: found.map(({ id: _id, organizationId: _organizationId, ...shown }) => shown) } }
  })
}
