import { suite } from 'node:test'
import { accessConformance } from './store/access.ts'
import { conditionConformance } from './store/conditions.ts'
import type { CreateDatabase } from './store/bench.ts'
import { configurationConformance } from './store/configurations.ts'
import { connectionConformance } from './store/connections.ts'
import { credentialConformance } from './store/credentials.ts'
import { directoryConformance } from './store/directory.ts'
import { eventReceiverConformance } from './store/event-receivers.ts'
import { extensionConformance } from './store/extensions.ts'
import { factConformance } from './store/facts.ts'
import { gaugeConformance } from './store/gauges.ts'
import { leaverConformance } from './store/leavers.ts'
import { keyConformance } from './store/keys.ts'
import { findingConformance } from './store/findings.ts'
import { ledgerConformance } from './store/ledger.ts'
import { lookupConformance } from './store/lookups.ts'
import { migrationConformance } from './store/migrations.ts'
import { nestedGroupConformance } from './store/nested-groups.ts'
import { outboxConformance } from './store/outbox.ts'
import { pairConformance } from './store/pairs.ts'
import { positionConformance } from './store/positions.ts'
import { queueConformance } from './store/queue.ts'
import { resourceConformance } from './store/resources.ts'
import { reviewConformance } from './store/reviews.ts'
import { transactionConformance } from './store/transactions.ts'
import { webhookConformance } from './store/webhooks.ts'

/** What every implementation of the store promises, whatever the database. */
export function storeConformance(name: string, create: CreateDatabase): void {
  suite(`${name}: directory`, () => directoryConformance(create))
  suite(`${name}: credentials`, () => credentialConformance(create))
  suite(`${name}: transactions`, () => transactionConformance(create))
  suite(`${name}: facts`, () => factConformance(create))
  suite(`${name}: conditions`, () => conditionConformance(create))
  suite(`${name}: nested groups`, () => nestedGroupConformance(create))
  suite(`${name}: lookups`, () => lookupConformance(create))
  suite(`${name}: positions`, () => positionConformance(create))
  suite(`${name}: resources`, () => resourceConformance(create))
  suite(`${name}: extensions`, () => extensionConformance(create))
  suite(`${name}: connections`, () => connectionConformance(create))
  suite(`${name}: configurations`, () => configurationConformance(create))
  suite(`${name}: ledger`, () => ledgerConformance(create))
  suite(`${name}: pairs`, () => pairConformance(create))
  suite(`${name}: leavers`, () => leaverConformance(create))
  suite(`${name}: keys`, () => keyConformance(create))
  suite(`${name}: findings`, () => findingConformance(create))
  suite(`${name}: reviews`, () => reviewConformance(create))
  suite(`${name}: access`, () => accessConformance(create))
  suite(`${name}: gauges`, () => gaugeConformance(create))
  suite(`${name}: queue`, () => queueConformance(create))
  suite(`${name}: outbox`, () => outboxConformance(create))
  suite(`${name}: webhooks`, () => webhookConformance(create))
  suite(`${name}: event receivers`, () => eventReceiverConformance(create))
  suite(`${name}: migrations`, () => migrationConformance(create))
}
