import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Connection } from '../connection.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import { memberOrNone } from '../leavers.ts'
import type { CreateReview } from './engine.ts'
import { coversConnection, type Reviewer } from './review.ts'

const longestMs = 366 * 86_400_000

/** Refuses a review that could not be held as it is asked for; answers the connections that it is about, in the order of ids. */
export async function checkReview(parts: SyncParts, call: Call, input: CreateReview): Promise<readonly Connection[]> {
  const { scope, reviewers, dueAt } = input
  const now = parts.clock()
  if (!input.name.trim()) throw refused('name', 'Give the review a name.')
  if (!(dueAt > now) || dueAt.getTime() > now.getTime() + longestMs)
    throw refused('dueAt', 'Say until when it has to be decided, at most a year from now.')
  const all = await parts.ledger.read((tx) => tx.connections(call.organizationId))
  for (const id of scope.connectionIds ?? [])
    if (!all.some((connection) => connection.id === id)) throw refused('scope', `There is no connection ${id}.`)
  for (const id of scope.membershipIds ?? [])
    if (!(await memberOrNone(parts, call.organizationId, id))) throw refused('scope', `There is no member ${id}.`)
  const connections = all.filter(({ id }) => scope.connectionIds?.includes(id) ?? true).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  if (connections.length === 0) throw refused('scope', 'There is no connection to review. Add one: rollcall connection add')
  await checkReviewers(parts, call, input)
  for (const connection of connections) await checkCoverage(parts, connection, reviewers)
  return connections
}

async function checkReviewers(parts: SyncParts, call: Call, { reviewers, scope }: CreateReview): Promise<void> {
  const credentials = await parts.directory.listCredentials(systemCall(parts, call.organizationId), {})
  if (reviewers.length === 0) throw refused('reviewers', 'Name at least one reviewer.')
  if (new Set(reviewers.map(({ credentialId }) => credentialId)).size < reviewers.length)
    throw refused('reviewers', 'A credential is named twice among the reviewers.')
  for (const { credentialId, membershipId, connectionIds = [] } of reviewers) {
    const credential = credentials.find(({ id }) => id === credentialId)
    const isValid = credential && !credential.revokedAt && !(credential.expiresAt && credential.expiresAt <= parts.clock())
    if (!isValid) throw refused('reviewers', `There is no valid credential ${credentialId}: rollcall credential list`)
    if (!credential.scopes.includes('approve'))
      throw refused(
        'reviewers',
        `The credential ${credential.name} cannot decide, since it lacks the scope "approve". Name one of the duty approver.`,
      )
    if (membershipId !== undefined && !(await memberOrNone(parts, call.organizationId, membershipId)))
      throw refused('reviewers', `There is no member ${membershipId}.`)
    for (const id of connectionIds)
      if (scope.connectionIds && !scope.connectionIds.includes(id))
        throw refused('reviewers', `The connection ${id} is no part of the review.`)
  }
}

/** Each account must have somebody who may decide on it: a reviewer's own needs another reviewer. */
async function checkCoverage(
  { ledger }: SyncParts,
  { organizationId, id, name }: Connection,
  reviewers: readonly Reviewer[],
): Promise<void> {
  const here = reviewers.filter((reviewer) => coversConnection(reviewer, id))
  if (here.length === 0) throw refused('reviewers', `Nobody is named to review ${name}.`)
  const people = new Set(here.map(({ membershipId }) => membershipId))
  const [only] = people
  if (people.size > 1 || only === undefined) return
  if (await ledger.read((tx) => tx.accountHeldBy(organizationId, id, only)))
    throw refused(
      'reviewers',
      `The only reviewer of ${name} has an account there, and nobody reviews their own access. Name a second person.`,
    )
}

const refused = (field: string, message: string) => new DirectoryError('invalid', message, { field })
