import { query, type Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { PlanView } from '../engine.ts'
import type { LedgerReader } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { quarantineNote } from '../quarantine/health.ts'
import type { LeaverLedgerReader } from './leaver-ledger.ts'
import { isFinal, type Offboarding, type StoredLeaverReceipt, type Visit } from './offboarding.ts'

export interface OffboardingView {
  readonly offboarding: Offboarding
  readonly visits: readonly Visit[]
  /** Oldest first. */
  readonly receipts: readonly Omit<StoredLeaverReceipt, 'text'>[]
}

export interface OffboardingReport {
  readonly membershipId: string
  readonly plans: readonly PlanView[]
  readonly view: OffboardingView
}

/** What the engine does for leavers. Reading needs the scope `read`, asking `operate`, receipts `audit`. */
export interface LeaverEngine {
  /**
   * Suspends the member with that e-mail or user name in the directory, locks them out at once at every connection that can, and plans the removal
   * of each account of theirs. What cannot be done now is done by itself as soon as it can; the answer says where it stands.
   */
  offboard(call: Call, input: { readonly person: string; readonly reason?: string | undefined }): Promise<OffboardingReport>
  listOffboardings(call: Call, input: Parameters<LeaverLedgerReader['offboardings']>[1]): Promise<readonly Offboarding[]>
  getOffboarding(call: Call, input: { readonly id: string }): Promise<OffboardingView>
  /** The newest one, or the one with that number. */
  getLeaverReceipt(
    call: Call,
    input: { readonly offboardingId: string; readonly number?: number | undefined },
  ): Promise<StoredLeaverReceipt>
}

export function leaverQueries({ ledger }: Pick<SyncParts, 'ledger'>): Omit<LeaverEngine, 'offboard'> {
  return {
    listOffboardings: query(
      ledger,
      'read',
      (tx: LedgerReader, { organizationId }: Call, filter: Parameters<LeaverLedgerReader['offboardings']>[1]) =>
        tx.offboardings(organizationId, filter),
    ),
    getOffboarding: query(ledger, 'read', (tx: LedgerReader, call: Call, { id }: { readonly id: string }) =>
      viewOffboarding(tx, call, id),
    ),
    getLeaverReceipt: query(
      ledger,
      'audit',
      async (
        tx: LedgerReader,
        { organizationId }: Call,
        { offboardingId, number }: { readonly offboardingId: string; readonly number?: number | undefined },
      ) => {
        const receipts = await tx.leaverReceipts(organizationId, offboardingId)
        const receipt = number === undefined ? receipts.at(-1) : receipts.find((each) => each.number === number)
        if (receipt) return receipt
        const found = await tx.offboarding(organizationId, offboardingId)
        throw found && number === undefined
          ? new DirectoryError(
              'notFound',
              'There is no receipt yet: it is issued when each account of theirs is verified as gone or suspended, or left to a person.',
              { field: 'offboardingId' },
            )
          : new DirectoryError('notFound', 'There is no such receipt in this organization.', { field: 'offboardingId' })
      },
    ),
  }
}

export async function viewOffboarding(tx: LedgerReader, { organizationId }: Call, id: string): Promise<OffboardingView> {
  const offboarding = await tx.offboarding(organizationId, id)
  if (!offboarding) throw new DirectoryError('notFound', 'There is no such offboarding in this organization.', { field: 'id' })
  const connections = new Map((await tx.connections(organizationId)).map((connection) => [connection.id, connection]))
  return {
    offboarding,
    visits: (await tx.visits(organizationId, id)).map((visit) => {
      const connection = connections.get(visit.connectionId)
      const { quarantine } = connection?.health ?? {}
      if (!connection || !quarantine || isFinal(visit)) return visit
      return { ...visit, reason: `${visit.reason}; waits: ${quarantineNote(connection.name, quarantine)}` }
    }),
    receipts: (await tx.leaverReceipts(organizationId, id)).map(({ text: _text, ...receipt }) => receipt),
  }
}
