import type { OffboardingView } from './engine.ts'
import { isFinal, type SentRequest, type Visit } from './offboarding.ts'

/** An offboarding for a terminal: each connection with what was found, done and answered there, then what a person has to do, and what waits. Ends without a line break. */
export function offboardingAsText({ offboarding, visits, receipts }: OffboardingView): string {
  const { person, state, asked, id } = offboarding
  const residues = visits.flatMap((visit) => visit.residues)
  const tasks = visits.flatMap((visit) => visit.tasks)
  const by = asked.how === 'request' ? 'asked for by' : 'raised by the deactivation by'
  const receipt = receipts.at(-1)
  return [
    `Offboarding ${id} of ${person.userName}: ${state}, ${stateWords[state]}`,
    `  ${by} ${asked.by} at ${asked.at.toISOString()}${asked.reason ? `: ${asked.reason}` : ''}`,
    ...(visits.length === 0 ? ['  no vendor is connected'] : visits.flatMap(visitLines)),
    ...(residues.length > 0 ? ['What stays:', ...residues.map((line) => `  ${line}`)] : []),
    ...(tasks.length > 0 ? ['For a person:', ...tasks.map((line) => `  ${line}`)] : []),
    ...(receipt ? [`Receipt ${receipt.number} of ${receipt.issuedAt.toISOString()}: rollcall receipt ${person.userName}`] : []),
  ].join('\n')
}

const stateWords = {
  open: 'something is still under way',
  waiting: 'what is left waits for an approval, or for the time that the policy holds it',
  verifying: 'everything is verified, and is read again after an hour and after a day',
  settled: 'everything was verified and stayed so',
  partly: 'some of it is left to a person',
  failed: 'all of it is left to a person',
  withdrawn: 'the person came back',
} as const

const signs: Readonly<Record<Visit['state'], string>> = {
  toVisit: '?',
  present: '!',
  waiting: '…',
  removing: '…',
  gone: '✓',
  suspended: '✓',
  none: '✓',
  forPerson: '!',
  disconnected: '!',
}

function visitLines(visit: Visit): readonly string[] {
  const { connection, account, requests, reads, lock, rechecks } = visit
  const roles = account && account.roles.length > 0 ? `, ${account.roles.join(', ')}` : ''
  const next = rechecks.find(({ doneAt }) => !doneAt)
  return [
    `  ${signs[visit.state]} ${connection.name} (${connection.vendor}): ${visit.state}, ${visit.reason}`,
    ...(account ? [`      had ${account.userName} (${account.id}), ${account.status}${roles}`] : []),
    ...requests.map((request) => `      ${requestLine(request)}`),
    ...(lock.state !== 'done' && account && !isFinal(visit) ? [`      not locked out yet: ${lock.reason}`] : []),
    ...reads.map(({ at, occasion, found }) => `      read ${readWords[occasion]} at ${at.toISOString()}: ${found}`),
    ...(next ? [`      is read again at ${next.dueAt.toISOString()}`] : []),
  ]
}

const readWords = {
  suspend: 'after the suspension',
  cancelInvitation: 'after the withdrawal',
  remove: 'after the removal',
  listed: 'since no list shows it',
  hour: 'after an hour',
  day: 'after a day',
} as const

const requestWords = { suspend: 'suspend', cancelInvitation: 'withdraw the invitation', remove: 'remove' } as const
const answerWords = {
  accepted: 'accepted',
  refused: 'refused',
  lost: 'the answer was lost',
  goneBefore: 'was gone before',
  alreadySo: 'was so already',
} as const

const requestLine = ({ kind, answer, status, answeredAt }: SentRequest): string =>
  `${requestWords[kind]}: ${answerWords[answer]}${status === undefined ? '' : ` (${status})`} at ${answeredAt.toISOString()}`
