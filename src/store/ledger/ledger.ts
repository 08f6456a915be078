import type { Sealer } from '../../directory/seal.ts'
import type { Ledger, LedgerReader, LedgerWriter } from '../../sync/ledger.ts'
import type { Database } from '../database.ts'
import type { Executor, WriteExecutor } from '../executor.ts'
import { readFacts, writeFacts } from '../facts.ts'
import { readAccess } from './access.ts'
import { readAccounts, writeAccounts } from './accounts.ts'
import { readCheckpoints, writeCheckpoints } from './checkpoints.ts'
import { readConfigurations, writeConfigurations } from './configurations.ts'
import { readConnections, writeConnections } from './connections.ts'
import { readFindings, writeFindings } from './findings.ts'
import { readLeavers, writeLeavers } from './leavers.ts'
import { readKeys, writeKeys } from './keys.ts'
import { readLinks, writeLinks } from './links.ts'
import { readPairs } from './pairs.ts'
import { readPlans, writePlans } from './plans.ts'
import { readQuestions, writeQuestions } from './questions.ts'
import { readReviews, writeReviews } from './reviews.ts'
import { readWork, writeWork } from './work.ts'

/** The lifecycle engine's port over a database. */
export function createLedger(database: Database, sealer: Sealer): Ledger {
  const reader = createReader(database.reader)
  return {
    read: async (work) => work(reader),
    write: async (organizationId, work) =>
      database.write(organizationId, async (executor) => work(createWriter(executor, sealer))),
  }
}

const createReader = (executor: Executor): LedgerReader => ({
  ...readConnections(executor),
  ...readConfigurations(executor),
  ...readAccess(executor),
  ...readAccounts(executor),
  ...readPlans(executor),
  ...readFindings(executor),
  ...readLeavers(executor),
  ...readKeys(executor),
  ...readLinks(executor),
  ...readPairs(executor),
  ...readQuestions(executor),
  ...readReviews(executor),
  ...readWork(executor),
  ...readCheckpoints(executor),
})

const createWriter = (executor: WriteExecutor, sealer: Sealer): LedgerWriter => ({
  ...createReader(executor),
  ...writeConnections(executor),
  ...writeConfigurations(executor),
  ...writeAccounts(executor),
  ...writePlans(executor),
  ...writeFindings(executor),
  ...writeLeavers(executor),
  ...writeKeys(executor),
  ...writeLinks(executor),
  ...writeQuestions(executor),
  ...writeReviews(executor),
  ...writeWork(executor),
  ...writeCheckpoints(executor),
  chainHead: readFacts(executor).chainHead,
  ...writeFacts(executor, sealer),
})
