import type { Receipt } from './receipt.ts'

type Shape = { readonly ok: true; readonly receipt: Receipt } | { readonly ok: false; readonly reason: string }

/** Reads a receipt out of parsed JSON, member by member in the order in which receipts are written. A member that does not belong is left out. */
export function parseReceipt(value: unknown): Shape {
  try {
    return { ok: true, receipt: receiptOf(objectAt(value, 'the text')) }
  } catch (error) {
    if (error instanceof NotReceipt) return { ok: false, reason: error.message }
    throw error
  }
}

class NotReceipt extends Error {
  override name = 'NotReceipt'
}

type Members = Readonly<Record<string, unknown>>

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
    removal: { sentAt: textOrNull(removal, 'sentAt'), answer: answer(removal) },
    verifiedGoneAt: text(root, 'verifiedGoneAt'),
    chain: { sequence: number(chain, 'sequence'), hash: text(chain, 'hash') },
    issuedAt: text(root, 'issuedAt'),
    key: text(root, 'key'),
    signature: signature(root),
  }
}

function objectAt(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NotReceipt(`${name} is not an object`)
  return Object.fromEntries(Object.entries(value))
}

const part = (members: Members, name: string): Members => objectAt(members[name], name)

function list(members: Members, name: string): readonly unknown[] {
  const value = members[name]
  if (!Array.isArray(value)) throw new NotReceipt(`${name} is not a list`)
  return value
}

function textAt(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new NotReceipt(`${name} is not text`)
  return value
}

const text = (members: Members, name: string): string => textAt(members[name], name)
const textOrNull = (members: Members, name: string): string | null => (members[name] === null ? null : text(members, name))

function number(members: Members, name: string): number {
  const value = members[name]
  if (typeof value !== 'number') throw new NotReceipt(`${name} is not a number`)
  return value
}

const numberOrNull = (members: Members, name: string): number | null => (members[name] === null ? null : number(members, name))

function flag(members: Members, name: string): boolean {
  const value = members[name]
  if (typeof value !== 'boolean') throw new NotReceipt(`${name} is neither true nor false`)
  return value
}

function answer(members: Members): Receipt['removal']['answer'] {
  const value = members['answer']
  if (value === 'accepted' || value === 'lost' || value === 'goneBefore') return value
  throw new NotReceipt('answer is none of the answers that there are')
}

function signature(members: Members): string {
  const value = text(members, 'signature')
  if (!/^[0-9a-f]{128}$/.test(value)) throw new NotReceipt('the signature is not 128 lower-case hexadecimal digits')
  return value
}
