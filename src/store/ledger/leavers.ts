import type { LeaverLedgerReader, LeaverLedgerWriter, Offboarding, StoredLeaverReceipt, Visit } from '../../sync/ledger.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { msOf, msOrNull, putRow } from '../rows.ts'
import { statement } from '../statement.ts'
import { newestWhere } from './newest.ts'

interface Owned {
  readonly organization_id: string
}

const organizationName = statement((db, p: { readonly id: string }) =>
  db.selectFrom('organizations').select('name').where('id', '=', p.id),
)
const byId = statement((db, p: Owned & { readonly id: string }) =>
  db.selectFrom('offboardings').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const putOffboarding = putRow('offboardings', { key: ['organization_id', 'id'], rest: ['membership_id', 'state', 'content'] })

const visits = statement((db, p: Owned & { readonly offboarding_id: string }) =>
  db
    .selectFrom('visits')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('offboarding_id', '=', p.offboarding_id)
    .orderBy('connection_id'),
)
const openVisits = statement((db, p: Owned & { readonly connection_id: string }) =>
  db
    .selectFrom('visits')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('open', '=', 1)
    .orderBy('offboarding_id'),
)
const visitsOfAccount = statement((db, p: Owned & { readonly connection_id: string; readonly account_id: string }) =>
  db
    .selectFrom('visits')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('account_id', '=', p.account_id)
    .orderBy('offboarding_id'),
)
const locksSince = statement(
  (db, p: Owned & { readonly connection_id: string; readonly since: number; readonly except: string }) =>
    db
      .selectFrom('visits')
      .select((of) => of.fn.count<number>('membership_id').distinct().as('count'))
      .where('organization_id', '=', p.organization_id)
      .where('connection_id', '=', p.connection_id)
      .where('locked_at', '>', p.since)
      .where('membership_id', '<>', p.except),
)
const putVisit = putRow('visits', {
  key: ['organization_id', 'offboarding_id', 'connection_id'],
  rest: ['membership_id', 'account_id', 'open', 'locked_at', 'content'],
})

const receipts = statement((db, p: Owned & { readonly offboarding_id: string }) =>
  db
    .selectFrom('leaver_receipts')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('offboarding_id', '=', p.offboarding_id)
    .orderBy('id'),
)
const receiptById = statement((db, p: Owned & { readonly id: string }) =>
  db.selectFrom('leaver_receipts').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const putReceipt = putRow('leaver_receipts', { key: ['organization_id', 'id'], rest: ['offboarding_id', 'content'] })

export function readLeavers(executor: Executor): LeaverLedgerReader {
  const list: LeaverLedgerReader['offboardings'] = async (organizationId, { membershipId, state, before, limit }) => {
    const equal = { membership_id: membershipId, state }
    return (await newestWhere(executor, { table: 'offboardings', organizationId, before, limit, equal })).map((content) =>
      decode<Offboarding>(content),
    )
  }
  return {
    organizationName: async (organizationId) => (await executor.first(organizationName, { id: organizationId }))?.name ?? '',
    offboarding: async (organizationId, id) => {
      const row = await executor.first(byId, { organization_id: organizationId, id })
      return row && decode<Offboarding>(row.content)
    },
    latestOffboarding: async (organizationId, membershipId) => (await list(organizationId, { membershipId, limit: 1 }))[0],
    offboardings: list,
    visits: async (organizationId, offboardingId) =>
      (await executor.all(visits, { organization_id: organizationId, offboarding_id: offboardingId })).map((row) =>
        decode<Visit>(row.content),
      ),
    openVisits: async (organizationId, connectionId) =>
      (await executor.all(openVisits, { organization_id: organizationId, connection_id: connectionId })).map((row) =>
        decode<Visit>(row.content),
      ),
    visitsOfAccount: async (organizationId, connectionId, accountId) =>
      (
        await executor.all(visitsOfAccount, {
          organization_id: organizationId,
          connection_id: connectionId,
          account_id: accountId,
        })
      ).map((row) => decode<Visit>(row.content)),
    locksSince: async (organizationId, connectionId, { since, except }) =>
      (
        await executor.first(locksSince, {
          organization_id: organizationId,
          connection_id: connectionId,
          since: msOf(since),
          except,
        })
      )?.count ?? 0,
    leaverReceipt: async (organizationId, id) => {
      const row = await executor.first(receiptById, { organization_id: organizationId, id })
      return row && decode<StoredLeaverReceipt>(row.content)
    },
    leaverReceipts: async (organizationId, offboardingId) =>
      (await executor.all(receipts, { organization_id: organizationId, offboarding_id: offboardingId })).map((row) =>
        decode<StoredLeaverReceipt>(row.content),
      ),
  }
}

export function writeLeavers(executor: Executor): LeaverLedgerWriter {
  return {
    putOffboarding: async (offboarding) => {
      const { organizationId, id, membershipId, state } = offboarding
      await executor.run(putOffboarding, {
        organization_id: organizationId,
        id,
        membership_id: membershipId,
        state,
        content: encode(offboarding),
      })
    },
    putVisit: async (visit, { open }) => {
      const { organizationId, offboardingId, connectionId, membershipId, account, lock } = visit
      await executor.run(putVisit, {
        organization_id: organizationId,
        offboarding_id: offboardingId,
        connection_id: connectionId,
        membership_id: membershipId,
        account_id: account?.id ?? null,
        open: open ? 1 : 0,
        locked_at: msOrNull(lock.sentAt),
        content: encode(visit),
      })
    },
    putLeaverReceipt: async (receipt) => {
      const { organizationId, id, offboardingId } = receipt
      await executor.run(putReceipt, {
        organization_id: organizationId,
        id,
        offboarding_id: offboardingId,
        content: encode(receipt),
      })
    },
  }
}
