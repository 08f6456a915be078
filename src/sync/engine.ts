import type { Call } from '../directory/call.ts'
import type { Json } from '../directory/json.ts'
import type { AccessEngine } from './access/engine.ts'
import type { ApplicationEngine } from './application/engine.ts'
import type { Decision } from './approve.ts'
import type { ConfigurationEngine } from './configuration/engine.ts'
import type { Assignment, ConnectionView, PolicyChange } from './connection.ts'
import type { FindingEngine } from './finding-decisions.ts'
import type { LeaverEngine } from './leaver/engine.ts'
import type { KeyEngine } from './keys/engine.ts'
import type { Approval, Finding, Plan, Snapshot, Step, StoredReceipt } from './ledger.ts'
import type { LinkEngine } from './links.ts'
import type { QuarantineEngine } from './quarantine/engine.ts'
import type { QuestionEngine } from './questions.ts'
import type { RecordEngine } from './record/engine.ts'
import type { ReviewEngine } from './reviews/engine.ts'
import type { Standing } from './standing.ts'
import type { TryEngine } from './try/engine.ts'
import type { Capabilities, CheckReport } from './vendor.ts'

export interface PlanView {
  readonly plan: Plan
  readonly steps: readonly Step[]
  readonly approvals: readonly Approval[]
  /** Undefined when the connection was removed. */
  readonly standing: Standing | undefined
}

/** What came of reading a vendor and comparing. */
export interface ImportReport {
  readonly snapshot: Snapshot
  readonly matched: number
  readonly findings: readonly Finding[]
}

export interface AddConnection {
  readonly name: string
  readonly vendor: string
  readonly baseUrl: string
  readonly credentials: Json
  readonly assignments: readonly Assignment[]
  readonly policy?: PolicyChange | undefined
}

export interface ChangeConnection {
  readonly id: string
  readonly writesEnabled?: boolean | undefined
  readonly policy?: PolicyChange | undefined
  readonly credentials?: Json | undefined
  readonly baseUrl?: string | undefined
  readonly assignments?: readonly Assignment[] | undefined
}

/** The lifecycle engine, as `/api/v1` uses it. Every method checks its scope and throws DirectoryError. */
export interface Engine
  extends
    AccessEngine,
    ApplicationEngine,
    ConfigurationEngine,
    FindingEngine,
    KeyEngine,
    LeaverEngine,
    LinkEngine,
    QuarantineEngine,
    QuestionEngine,
    RecordEngine,
    ReviewEngine,
    TryEngine {
  addConnection(call: Call, input: AddConnection): Promise<ConnectionView>
  changeConnection(call: Call, input: ChangeConnection): Promise<ConnectionView>
  removeConnection(call: Call, input: { readonly id: string }): Promise<ConnectionView>
  listConnections(call: Call): Promise<readonly ConnectionView[]>
  getConnection(
    call: Call,
    input: { readonly id: string },
  ): Promise<{
    readonly connection: ConnectionView
    readonly assignments: readonly Assignment[]
    readonly capabilities: Capabilities
    readonly snapshot: Snapshot | undefined
  }>
  /** Sends harmless requests to the vendor and says what they show. */
  checkConnection(call: Call, input: { readonly id: string }): Promise<CheckReport>
  /** Reads the vendor completely, matches people, opens and closes findings. Changes nothing at the vendor. */
  importAccounts(call: Call, input: { readonly id: string }): Promise<ImportReport>

  /** Reads the vendor and plans the whole difference. The same difference as an open plan answers that plan, and the caller counts as one of its authors. */
  createPlan(call: Call, input: { readonly connectionId: string }): Promise<PlanView>
  getPlan(call: Call, input: { readonly id: string }): Promise<PlanView>
  listPlans(
    call: Call,
    input: {
      readonly connectionId?: string | undefined
      readonly state?: Plan['state'] | undefined
      readonly before?: string | undefined
      readonly limit: number
    },
  ): Promise<readonly Plan[]>
  /** Refuses another digest, a superseded and an expired plan as `stale`, an author and whom the policy does not let approve as `forbidden`, a number of removals beyond the limit and a grave risk that are not named as `unsafe`. */
  approvePlan(call: Call, input: Decision): Promise<Approval>
  /**
   * Carries out what the plan holds and may be carried out, and answers when each of those steps has ended. `needsApproval` when nothing may be done without one,
   * `stale` for another digest and when nothing was done because all that it would have touched had changed at the vendor.
   */
  applyPlan(call: Call, input: { readonly id: string; readonly digest?: string | undefined }): Promise<PlanView>

  listReceipts(
    call: Call,
    input: { readonly subject?: string | undefined; readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly StoredReceipt[]>
  getReceipt(call: Call, input: { readonly id: string }): Promise<StoredReceipt>
  /** PEM of the key that signs receipts, for whoever verifies them elsewhere. */
  readonly receiptKey: string
}
