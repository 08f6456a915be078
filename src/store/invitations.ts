import { sql } from 'kysely'
import type { Invitation } from '../directory/invitation.ts'
import type { Session } from '../directory/session.ts'
import type { Reader, Writer } from '../directory/store.ts'
import type { Executor } from './executor.ts'
import { dateOf, dateOrNone, msOf, msOrNull, putRow } from './rows.ts'
import type { InvitationRow, SessionRow } from './schema.ts'
import { statement } from './statement.ts'

interface OfMember {
  readonly organization_id: string
  readonly membership_id: string
}

const invitation = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  db.selectFrom('invitations').selectAll().where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const byTokenHash = statement((db, p: { readonly token_hash: string }) =>
  db.selectFrom('invitations').selectAll().where('token_hash', '=', p.token_hash),
)
const invitationsOf = statement((db, p: OfMember) =>
  db
    .selectFrom('invitations')
    .selectAll()
    .where('organization_id', '=', p.organization_id)
    .where('membership_id', '=', p.membership_id)
    .orderBy('id'),
)
const putInvitation = putRow('invitations', {
  key: ['organization_id', 'id'],
  rest: ['membership_id', 'token_hash', 'created_at', 'expires_at', 'accepted_at', 'cancelled_at'],
})
const sessionsOf = statement((db, p: OfMember) =>
  db
    .selectFrom('sessions')
    .selectAll()
    .where('organization_id', '=', p.organization_id)
    .where('membership_id', '=', p.membership_id)
    .orderBy('id'),
)
const openSessions = statement((db, p: { readonly organization_id: string; readonly membership_ids: string }, dialect) =>
  db
    .selectFrom('sessions')
    .select(['membership_id', sql<number>`count(*)`.as('count')])
    .where('organization_id', '=', p.organization_id)
    .where('membership_id', 'in', dialect.texts(p.membership_ids))
    .where('ended_at', 'is', null)
    .groupBy('membership_id'),
)
const putSession = putRow('sessions', { key: ['organization_id', 'id'], rest: ['membership_id', 'started_at', 'ended_at'] })

export function readInvitations(executor: Executor) {
  return {
    invitation: async (organizationId, id) => {
      const row = await executor.first(invitation, { organization_id: organizationId, id })
      return row && toInvitation(row)
    },
    invitationByTokenHash: async (tokenHash) => {
      const row = await executor.first(byTokenHash, { token_hash: tokenHash })
      return row && toInvitation(row)
    },
    invitationsOf: async (organizationId, membershipId) =>
      (await executor.all(invitationsOf, { organization_id: organizationId, membership_id: membershipId })).map(toInvitation),
    countOpenSessions: async (organizationId, membershipIds) => {
      if (membershipIds.length === 0) return new Map()
      const rows = await executor.all(openSessions, {
        organization_id: organizationId,
        membership_ids: JSON.stringify(membershipIds),
      })
      return new Map(rows.map((row) => [row.membership_id, row.count]))
    },
    sessionsOf: async (organizationId, membershipId) =>
      (await executor.all(sessionsOf, { organization_id: organizationId, membership_id: membershipId })).map(toSession),
  } satisfies Partial<Reader>
}

export function writeInvitations(executor: Executor) {
  return {
    putInvitation: async (value) => {
      await executor.run(putInvitation, {
        organization_id: value.organizationId,
        id: value.id,
        membership_id: value.membershipId,
        token_hash: value.tokenHash,
        created_at: msOf(value.createdAt),
        expires_at: msOf(value.expiresAt),
        accepted_at: msOrNull(value.acceptedAt),
        cancelled_at: msOrNull(value.cancelledAt),
      })
    },
    putSession: async (value) => {
      await executor.run(putSession, {
        organization_id: value.organizationId,
        id: value.id,
        membership_id: value.membershipId,
        started_at: msOf(value.startedAt),
        ended_at: msOrNull(value.endedAt),
      })
    },
  } satisfies Partial<Writer>
}

const toInvitation = (row: InvitationRow): Invitation => ({
  id: row.id,
  organizationId: row.organization_id,
  membershipId: row.membership_id,
  tokenHash: row.token_hash,
  createdAt: dateOf(row.created_at),
  expiresAt: dateOf(row.expires_at),
  acceptedAt: dateOrNone(row.accepted_at),
  cancelledAt: dateOrNone(row.cancelled_at),
})

const toSession = (row: SessionRow): Session => ({
  id: row.id,
  organizationId: row.organization_id,
  membershipId: row.membership_id,
  startedAt: dateOf(row.started_at),
  endedAt: dateOrNone(row.ended_at),
})
