import { command, query, type Call } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import { createAccess } from './access/engine.ts'
import { importNow } from './accounts.ts'
import { createApplicationEngine } from './application/create.ts'
import { approve } from './approve.ts'
import { createConfigurationEngine } from './configuration/create.ts'
import { managedBy, managedIn } from './configuration/managed.ts'
import { readStanding } from './configuration/prepare.ts'
import { connectionCommands, findConnection, viewOf } from './connections.ts'
import type { Engine } from './engine.ts'
import { leaverQueries } from './leaver/engine.ts'
import { createKeyEngine } from './keys/create.ts'
import { findingCommands } from './finding-decisions.ts'
import type { LedgerReader } from './ledger.ts'
import { linkCommands } from './links.ts'
import { offboardPerson } from './offboard.ts'
import { openVendor, refusingConfigErrors } from './open-vendor.ts'
import type { SyncParts } from './parts.ts'
import { applyNow, planNow, viewPlan } from './plans.ts'
import { quarantineCommands } from './quarantine/engine.ts'
import { questionCommands } from './questions.ts'
import { createRecordEngine } from './record/engine.ts'
import { createReviewEngine } from './reviews/create.ts'
import { createTryEngine } from './try/create.ts'
import { isRemoteFailure, type CheckReport } from './vendor.ts'

export type { SyncParts } from './parts.ts'
export { createRunner, type Runner } from './run.ts'

/** The lifecycle engine over its ledger. Reading needs the scope `read`, connections, plans and applying `operate`, deciding `approve`, receipts `audit`. */
export function createEngine(parts: SyncParts): Engine {
  const { ledger } = parts
  const connections = connectionCommands(parts)
  const view = query(ledger, 'read', (tx: LedgerReader, call: Call, { id }: { readonly id: string }) => viewPlan(tx, call, id))
  const viewOwn = (call: Call, id: string) => ledger.read((tx) => viewPlan(tx, call, id))
  return {
    ...createKeyEngine(parts),
    ...findingCommands(parts),
    ...linkCommands(parts),
    ...questionCommands(parts),
    ...createReviewEngine(parts),
    ...createAccess(parts),
    ...createApplicationEngine(parts),
    ...createRecordEngine(parts),
    ...createTryEngine(parts),
    ...quarantineCommands(parts),
    ...createConfigurationEngine(parts, { add: connections.add, change: connections.applyFile }),
    addConnection: connections.add,
    changeConnection: connections.change,
    removeConnection: connections.remove,
    listConnections: (call) =>
      query(ledger, 'read', async (tx: LedgerReader, { organizationId }: Call) => {
        if (!(await tx.configuration(organizationId))) return (await tx.connections(organizationId)).map(viewOf)
        const { applied, standing } = await readStanding(tx, organizationId)
        return standing.map((one) => ({ ...viewOf(one.connection), ...managedIn(parts, applied, one) }))
      })(call, undefined),
    getConnection: query(ledger, 'read', async (tx: LedgerReader, call: Call, { id }: { readonly id: string }) => {
      const connection = await findConnection(tx, call, id)
      return {
        connection: { ...viewOf(connection), ...(await managedBy(tx, connection, parts)) },
        assignments: await tx.assignments(call.organizationId, id),
        capabilities: refusingConfigErrors('credentials', () => openVendor(parts, connection)).capabilities,
        snapshot: await tx.latestSnapshot(call.organizationId, id),
      }
    }),
    checkConnection: async (call, { id }) => {
      const find = query(ledger, 'operate', (tx: LedgerReader, given: Call) => findConnection(tx, given, id))
      const connection = await find(call, undefined)
      return check(() => refusingConfigErrors('credentials', () => openVendor(parts, connection)).reader.check())
    },
    importAccounts: (call, { id }) => importNow(parts, call, id),

    createPlan: async (call, { connectionId }) => viewOwn(call, await planNow(parts, call, { connectionId })),
    getPlan: view,
    listPlans: query(ledger, 'read', (tx: LedgerReader, { organizationId }: Call, filter: Parameters<LedgerReader['plans']>[1]) =>
      tx.plans(organizationId, filter),
    ),
    approvePlan: command(ledger, 'approve', approve(parts.newId)),
    applyPlan: (call, input) => applyNow(parts, call, input),
    offboard: (call, input) => offboardPerson(parts, call, input),
    ...leaverQueries(parts),

    listReceipts: query(
      ledger,
      'audit',
      (tx: LedgerReader, { organizationId }: Call, filter: Parameters<LedgerReader['receipts']>[1]) =>
        tx.receipts(organizationId, filter),
    ),
    getReceipt: query(ledger, 'audit', async (tx: LedgerReader, { organizationId }: Call, { id }: { readonly id: string }) => {
      const receipt = await tx.receipt(organizationId, id)
      if (!receipt) throw new DirectoryError('notFound', 'There is no such receipt in this organization.', { field: 'id' })
      return receipt
    }),
    receiptKey: parts.signer.publicKey,
  }
}

async function check(ask: () => Promise<CheckReport>): Promise<CheckReport> {
  try {
    return await ask()
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return { usable: false, findings: [{ level: 'problem', message: error.message }] }
  }
}
