import {
  flag,
  list,
  number,
  numberOrNull,
  objectAt,
  oneOf,
  part,
  signature,
  text,
  textAt,
  textOrNull,
  NotReceipt,
  type Members,
} from './receipt-members.ts'
import type { Receipt } from './receipt.ts'

/** Reads a receipt out of parsed JSON, member by member in the order in which receipts are written. A member that does not belong is left out. Throws NotReceipt. */
export const parseReceipt = (value: unknown): Receipt => receiptOf(objectAt(value, 'the text'))

function receiptOf(root: Members): Receipt {
  if (root['version'] !== 1) throw new NotReceipt('its version is not 1')
  const organization = part(root, 'organization')
  const person = part(root, 'person')
  const connection = part(root, 'connection')
  const account = part(root, 'account')
  const request = part(root, 'request')
  const plan = part(root, 'plan')
  const snapshot = part(root, 'snapshot')
  const before = root['before'] === null ? null : part(root, 'before')
  const removal = part(root, 'removal')
  const chain = part(root, 'chain')
  return {
    version: 1,
    id: text(root, 'id'),
    organization: { id: text(organization, 'id'), name: text(organization, 'name') },
    person: {
      membershipId: textOrNull(person, 'membershipId'),
      userName: text(person, 'userName'),
      email: textOrNull(person, 'email'),
    },
    connection: {
      id: text(connection, 'id'),
      name: text(connection, 'name'),
      vendor: text(connection, 'vendor'),
      baseUrl: text(connection, 'baseUrl'),
    },
    account: { id: text(account, 'id'), userName: text(account, 'userName'), email: textOrNull(account, 'email') },
    request: {
      reason: text(request, 'reason'),
      authors: list(request, 'authors').map((item) => textAt(item, 'authors')),
      askedAt: text(request, 'askedAt'),
    },
    plan: {
      id: text(plan, 'id'),
      digest: text(plan, 'digest'),
      removals: number(plan, 'removals'),
      accounts: number(plan, 'accounts'),
    },
    approvals: list(root, 'approvals').map((item) => {
      const approval = objectAt(item, 'approvals')
      return {
        actor: text(approval, 'actor'),
        at: text(approval, 'at'),
        removals: numberOrNull(approval, 'removals'),
        reason: text(approval, 'reason'),
      }
    }),
    snapshot: {
      id: text(snapshot, 'id'),
      finishedAt: text(snapshot, 'finishedAt'),
      pages: number(snapshot, 'pages'),
      accounts: number(snapshot, 'accounts'),
      declaredTotal: numberOrNull(snapshot, 'declaredTotal'),
      provenGone: number(snapshot, 'provenGone'),
      digest: text(snapshot, 'digest'),
    },
    before: before && { at: text(before, 'at'), found: flag(before, 'found'), recordSha256: textOrNull(before, 'recordSha256') },
    removal: { sentAt: textOrNull(removal, 'sentAt'), answer: oneOf(removal, 'answer', ['accepted', 'lost', 'goneBefore']) },
    verifiedGoneAt: text(root, 'verifiedGoneAt'),
    chain: { sequence: number(chain, 'sequence'), hash: text(chain, 'hash') },
    issuedAt: text(root, 'issuedAt'),
    key: text(root, 'key'),
    signature: signature(root),
  }
}
