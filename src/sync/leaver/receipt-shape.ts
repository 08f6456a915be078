import {
  list,
  NotReceipt,
  number,
  numberOrNull,
  objectAt,
  oneOf,
  part,
  signature,
  text,
  textAt,
  textOrNull,
  type Members,
} from '../receipt-members.ts'
import type { LeaverConnection, LeaverReceipt } from './receipt.ts'

export const outcomes = ['gone', 'suspended', 'none', 'forPerson', 'disconnected'] as const
export const requestKinds = ['suspend', 'cancelInvitation', 'remove'] as const
export const answers = ['accepted', 'refused', 'lost', 'goneBefore', 'alreadySo'] as const
export const occasions = ['suspend', 'cancelInvitation', 'remove', 'listed', 'hour', 'day'] as const
export const conditions = ['gone', 'invited', 'active', 'suspended', 'unknown'] as const

/** Reads a leaver's receipt out of parsed JSON, in the order in which it is written. A member that does not belong is left out. Throws NotReceipt. */
export function parseLeaverReceipt(value: unknown): LeaverReceipt {
  const root = objectAt(value, 'the text')
  if (root['kind'] !== 'leaver') throw new NotReceipt('it is no leaver’s receipt')
  if (root['version'] !== 1) throw new NotReceipt('its version is not 1')
  const former = partOrNull(root, 'former')
  const organization = part(root, 'organization')
  const person = part(root, 'person')
  const asked = part(root, 'asked')
  const chain = part(root, 'chain')
  return {
    kind: 'leaver',
    version: 1,
    id: text(root, 'id'),
    offboardingId: text(root, 'offboardingId'),
    number: number(root, 'number'),
    former: former && { id: text(former, 'id'), sha256: text(former, 'sha256') },
    organization: { id: text(organization, 'id'), name: text(organization, 'name') },
    person: {
      membershipId: text(person, 'membershipId'),
      userName: text(person, 'userName'),
      email: textOrNull(person, 'email'),
    },
    asked: {
      by: text(asked, 'by'),
      at: text(asked, 'at'),
      how: oneOf(asked, 'how', ['request', 'deactivation']),
      reason: textOrNull(asked, 'reason'),
    },
    connections: objects(root, 'connections').map(connectionOf),
    chain: { sequence: number(chain, 'sequence'), hash: text(chain, 'hash') },
    issuedAt: text(root, 'issuedAt'),
    key: text(root, 'key'),
    signature: signature(root),
  }
}

function connectionOf(connection: Members): LeaverConnection {
  const account = partOrNull(connection, 'account')
  const look = partOrNull(connection, 'look')
  const removal = partOrNull(connection, 'removal')
  return {
    id: text(connection, 'id'),
    name: text(connection, 'name'),
    vendor: text(connection, 'vendor'),
    baseUrl: text(connection, 'baseUrl'),
    outcome: oneOf(connection, 'outcome', outcomes),
    reason: text(connection, 'reason'),
    account: account && {
      id: text(account, 'id'),
      userName: text(account, 'userName'),
      email: textOrNull(account, 'email'),
      status: oneOf(account, 'status', ['invited', 'active', 'suspended', 'unknown']),
      roles: texts(account, 'roles'),
      activeSessions: numberOrNull(account, 'activeSessions'),
    },
    look: look && {
      snapshotId: text(look, 'snapshotId'),
      at: text(look, 'at'),
      accounts: number(look, 'accounts'),
      digest: text(look, 'digest'),
    },
    requests: objects(connection, 'requests').map((request) => ({
      kind: oneOf(request, 'kind', requestKinds),
      sentAt: textOrNull(request, 'sentAt'),
      answeredAt: text(request, 'answeredAt'),
      answer: oneOf(request, 'answer', answers),
      status: numberOrNull(request, 'status'),
    })),
    reads: objects(connection, 'reads').map((read) => ({
      at: text(read, 'at'),
      occasion: oneOf(read, 'occasion', occasions),
      found: oneOf(read, 'found', conditions),
      others: texts(read, 'others'),
    })),
    removal: removal && {
      planId: text(removal, 'planId'),
      receiptId: text(removal, 'receiptId'),
      sha256: text(removal, 'sha256'),
    },
    approvals: objects(connection, 'approvals').map((approval) => ({
      actor: text(approval, 'actor'),
      at: text(approval, 'at'),
      reason: text(approval, 'reason'),
    })),
    residues: texts(connection, 'residues'),
    tasks: texts(connection, 'tasks'),
    rechecks: objects(connection, 'rechecks').map((recheck) => ({
      after: oneOf(recheck, 'after', ['hour', 'day']),
      dueAt: text(recheck, 'dueAt'),
      doneAt: textOrNull(recheck, 'doneAt'),
    })),
  }
}

const partOrNull = (members: Members, name: string): Members | null => (members[name] === null ? null : part(members, name))
const objects = (members: Members, name: string): readonly Members[] => list(members, name).map((item) => objectAt(item, name))
const texts = (members: Members, name: string): readonly string[] => list(members, name).map((item) => textAt(item, name))
