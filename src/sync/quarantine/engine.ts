import { command, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import type { ConnectionView } from '../connection.ts'
import { findConnection, viewOf } from '../connections.ts'
import type { LedgerWriter } from '../ledger.ts'
import { checkReason } from '../link-in-hand.ts'
import type { SyncParts } from '../parts.ts'
import { enter, leave } from './enter.ts'

interface Asked {
  readonly id: string
  readonly reason: string
}

/** What a person does about quarantine. Needs the scope `operate`. */
export interface QuarantineEngine {
  /** Nothing is written to the vendor from now on, until somebody lets the connection go. One that is in quarantine already stays there by this reason. */
  quarantineConnection(call: Call, input: Asked): Promise<ConnectionView>
  /** The connection goes on where it stopped; one that is not in quarantine stays as it is. */
  releaseConnection(call: Call, input: Asked): Promise<ConnectionView>
}

export const quarantineCommands = (parts: SyncParts): QuarantineEngine => ({
  quarantineConnection: command(
    parts.ledger,
    'operate',
    async (tx: LedgerWriter, call: Call, input: Asked): Promise<Outcome<ConnectionView>> => {
      const reason = checkReason(input.reason)
      const connection = await findConnection(tx, call, input.id)
      const { quarantine } = connection.health ?? {}
      if (quarantine?.cause === 'person' && quarantine.reason === reason) return unchanged(viewOf(connection))
      const fact = await enter(tx, connection, { cause: 'person', reason, by: call.actor, now: call.now })
      return [viewOf(await findConnection(tx, call, input.id)), fact]
    },
  ),
  releaseConnection: command(
    parts.ledger,
    'operate',
    async (tx: LedgerWriter, call: Call, input: Asked): Promise<Outcome<ConnectionView>> => {
      const reason = checkReason(input.reason)
      const connection = await findConnection(tx, call, input.id)
      if (!connection.health?.quarantine) return unchanged(viewOf(connection))
      const [first, ...rest] = await leave(tx, call, { connection, how: 'person', reason, parts })
      const view = viewOf(await findConnection(tx, call, input.id))
      return first ? [view, first, ...rest] : unchanged(view)
    },
  ),
})
