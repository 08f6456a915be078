import type { Client } from './connect.ts'
import { cell, code, plain } from './markdown.ts'

type Review = Awaited<ReturnType<Client['readReview']>>
type Item = Awaited<ReturnType<Client['listReviewItems']>>['items'][number]

/** A review for a ticket or a page to print, part by part: who was asked, what they decided, and on what. No value in it is read as Markdown. */
export async function* reviewAsMarkdown(review: Review, items: AsyncIterable<Item>): AsyncGenerator<string> {
  const { name, state, dueAt, undecided, counts, reviewers, reads, createdBy, createdAt, closed, results, id } = review
  yield `# Access review ${code(name)}\n\n`
  yield `${plain(state)}; ${counts.keep} kept, ${counts.revoke} revoked, ${counts.undecided} undecided. `
  yield `Made by ${code(createdBy)} at ${createdAt.toISOString()}, due ${dueAt.toISOString()}; what is undecided then is ${undecided === 'revoke' ? 'revoked' : 'left as it is'}.`
  yield closed ? ` Closed by ${code(closed.by)} at ${closed.at.toISOString()}.\n` : '\n'
  yield '\n## Reviewers\n\n'
  for (const { credentialId, memberId, waiting } of reviewers)
    yield `- ${code(credentialId)}, held by ${memberId === undefined ? 'somebody outside the directory' : code(memberId)}; ${waiting} undecided\n`
  yield '\n## What it rests on\n\n'
  for (const { name: connection, vendor, at, complete, snapshotId, problem } of reads)
    yield `- ${code(connection)} (${plain(vendor)}), read ${complete ? 'completely' : 'incompletely'} at ${at.toISOString()}, snapshot ${code(snapshotId)}${problem === undefined ? '' : `: ${plain(problem)}`}\n`
  if (results.length > 0) yield '\n## What is revoked\n\n'
  for (const { name: connection, revoked, planId, problem } of results)
    yield `- ${code(connection)}: ${revoked}${planId === undefined ? '' : `, plan ${code(planId)}`}${problem === undefined ? '' : `. ${plain(problem)}`}\n`
  yield '\n## Items\n\n| Person | Connection | Account | Roles | Decision | By | What came of it |\n| --- | --- | --- | --- | --- | --- | --- |\n'
  for await (const item of items) yield rowOf(item)
  yield `\nReview ${code(id)}\n`
}

function rowOf({ person, connection, account, privileged, decision, outcome, found }: Item): string {
  const roles = account.roles.map(({ name }) => (privileged.includes(name) ? `**${plain(name)}**` : plain(name)))
  const cells = [
    person ? code(person.email ?? person.userName ?? person.id) : 'nobody',
    code(connection.name),
    code(account.userName),
    roles.join(', '),
    decision ? `${decision.kind}${decision.reason === undefined ? '' : `: ${plain(decision.reason)}`}` : 'undecided',
    decision ? `${code(decision.by)} ${decision.at.toISOString()}` : '',
    `${outcome ? plain(outcome.message) : ''}${found === 'gone' && outcome?.kind !== 'gone' ? '; gone by now' : ''}`,
  ]
  return `| ${cells.map(cell).join(' | ')} |\n`
}
