import type { Call } from '../../../directory/call.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { toFact } from '../translate.ts'
import { listFacts, readFactHead, verifyFacts } from '../wire/facts.ts'
import { pageOf } from './page.ts'

export function serveFacts(mount: Mount<Call>, { directory }: ServeServices): void {
  mount(listFacts, async (call, { query }) => {
    const value = await pageOf(
      query,
      { list: 'facts', organizationId: call.organizationId },
      {
        load: (after, limit) => directory.listFacts(call, { after: after === undefined ? undefined : Number(after), limit }),
        positionOf: (fact) => String(fact.sequence),
        translate: toFact,
      },
    )
    return { value }
  })
  mount(readFactHead, async (call) => ({ value: await directory.chainHead(call, undefined) }))
  mount(verifyFacts, async (call) => ({ value: await directory.verifyFacts(call, undefined) }))
}
