import { parseArgs } from 'node:util'
import { planKnown } from '../src/sync/plans.ts'
import { withConnection } from '../src/sync/run.ts'
import { callOf, openPlanHome, readSeeded } from './plan-home.ts'
import { outOfLine } from './plan-tables.ts'

// Plans every connection of the home on what was read, as the engine does for a person who asks; in a process of its own, so that the memory is that of planning.

const { values } = parseArgs({ options: { home: { type: 'string' }, database: { type: 'string' } } })
const folder = values.home ?? ''
const { organizationId, connectionIds, people } = readSeeded(folder)
const { home, parts } = await openPlanHome(folder, values.database)
const call = callOf(organizationId)
const started = performance.now()
let steps = 0
for (const connectionId of connectionIds) {
  const id = await withConnection(parts, call, {
    connectionId,
    work: async (hand) => {
      const at = parts.clock()
      const snapshot = {
        id: parts.newId(),
        organizationId,
        connectionId,
        startedAt: at,
        finishedAt: at,
        certificate: {
          complete: true,
          reasons: [],
          pages: 1,
          accounts: people,
          declaredTotal: people,
          repeatedIds: 0,
          provenGone: 0,
          digest: '',
        },
      } as const
      await parts.ledger.write(organizationId, (tx) => tx.putSnapshot(snapshot))
      return planKnown(hand, { snapshot, usable: true }, { only: () => true })
    },
  })
  const planned = await parts.ledger.read((tx) => tx.steps(organizationId, id))
  const expected = ((outOfLine.created + outOfLine.updated + outOfLine.removed) * people) / 1000
  if (planned.length !== expected) throw new Error(`${planned.length} steps were planned, not ${expected}`)
  steps += planned.length
}
const seconds = (performance.now() - started) / 1000
await home.close()
process.stdout.write(
  `${JSON.stringify({ event: 'ready', seconds, steps, peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 })}\n`,
)
