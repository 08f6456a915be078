import { parseLeaverReceipt } from '../../sync/leaver/receipt-shape.ts'
import type { LeaverConnection, LeaverReceipt } from '../../sync/leaver/receipt.ts'
import { escaped as text, pagePolicy } from '../../wire/page.ts'

/** The only style of the page; allowed by the hash of this text and nothing else. */
export const receiptStyle = `
body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:0 auto;padding:1.5rem 1rem;color:#111;background:#fff}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #bbb}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd}
th[scope=row]{width:11rem;font-weight:600}code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
.outcome{font-weight:700}pre{font:11px/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #bbb;padding:.75rem}
section{break-inside:avoid}@media print{body{padding:0;max-width:none}.text{break-before:page}}
`

/**
 * A leaver's receipt as a page that prints, without script and with nothing from elsewhere. The signed text stands on it whole: the page itself proves
 * nothing.
 */
export function receiptPage(stored: { readonly text: string; readonly sha256: string }): string {
  const receipt = parseLeaverReceipt(JSON.parse(stored.text))
  const { person, organization, asked, chain, former } = receipt
  const residues = receipt.connections.flatMap((connection) => connection.residues)
  const tasks = receipt.connections.flatMap((connection) => connection.tasks)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${text(pagePolicy(receiptStyle))}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Leaver’s receipt ${receipt.number}: ${text(person.userName)}</title>
<style>${receiptStyle}</style>
<body>
<h1>Leaver’s receipt ${receipt.number}</h1>
<p>${text(person.userName)} and their access at every vendor connected to ${text(organization.name)}. ${text(summaryOf(receipt))}</p>
${rows([
  ['Person', person.userName],
  ['E-mail', person.email ?? 'none'],
  ['Asked for by', `${asked.by} at ${asked.at}, ${asked.how === 'request' ? 'by request' : 'by deactivation in the directory'}`],
  ...(asked.reason === null ? [] : [['Reason', asked.reason] as const]),
  ['Issued', receipt.issuedAt],
  ['Receipt', receipt.id],
  ...(former ? [['In place of', `${former.id}, SHA-256 ${former.sha256}`] as const] : []),
  ['Chain of facts', `fact ${chain.sequence}, ${chain.hash}`],
  ['SHA-256 of the text', stored.sha256],
])}
${receipt.connections.map(connectionSection).join('\n')}
${sentences('What stays at the vendors', residues, 'Nothing that is known of.')}
${sentences('What a person still has to do', tasks, 'Nothing.')}
<section class="text"><h2>The signed text</h2>
<p>Save it byte for byte and verify it offline: <code>rollcall verify FILE --public-key KEY.pem</code></p>
<pre tabindex="0">${text(stored.text)}</pre></section>
</body>
</html>
`
}

const outcomeWords: Readonly<Record<LeaverConnection['outcome'], string>> = {
  gone: 'Gone, verified',
  suspended: 'Suspended, verified',
  none: 'Had no account',
  forPerson: 'Left to a person',
  disconnected: 'Not known: the connection was removed',
}

function summaryOf({ connections }: LeaverReceipt): string {
  const count = (...outcomes: readonly LeaverConnection['outcome'][]) =>
    connections.filter(({ outcome }) => outcomes.includes(outcome)).length
  const parts = [
    [count('gone'), 'gone'],
    [count('suspended'), 'suspended'],
    [count('none'), 'without an account'],
    [count('forPerson', 'disconnected'), 'left to a person'],
  ] as const
  const told = parts.flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : []))
  return `Of ${connections.length} connections: ${told.join(', ') || 'none'}.`
}

function connectionSection(connection: LeaverConnection): string {
  const { account, look, requests, reads, approvals, removal, rechecks } = connection
  const sessions = account?.activeSessions ? `, open sessions: ${account.activeSessions}` : ''
  return `<section><h2>${text(connection.name)} (${text(connection.vendor)})</h2>
<p><span class="outcome">${text(outcomeWords[connection.outcome])}</span>: ${text(connection.reason)}.</p>
${rows([
  ['Address', connection.baseUrl],
  ...(account ? [['Account', `${account.userName}, ${account.id}, ${account.status}${sessions}`] as const] : []),
  ...(account && account.roles.length > 0 ? [['Held', account.roles.join(', ')] as const] : []),
  ...(look ? [['Complete read', `${look.at}, ${look.accounts} accounts, ${look.digest}`] as const] : []),
  ...requests.map(
    ({ kind, answer, status, sentAt, answeredAt }) =>
      [
        `Request: ${kind}`,
        `${sentAt === null ? 'not sent' : `sent ${sentAt}`}, ${answer}${status === null ? '' : ` ${status}`} ${answeredAt}`,
      ] as const,
  ),
  ...approvals.map(({ actor, at, reason }) => ['Approved by', `${actor} at ${at}: ${reason}`] as const),
  ...reads.map(
    ({ at, occasion, found, others }) =>
      [`Read: ${occasion}`, `${at}: ${found}${others.length > 0 ? `, others of that name: ${others.join(', ')}` : ''}`] as const,
  ),
  ...rechecks.map(({ after, dueAt, doneAt }) => [`Again after: ${after}`, doneAt ? `done ${doneAt}` : `due ${dueAt}`] as const),
  ...(removal ? [['Removal’s receipt', `${removal.receiptId}, SHA-256 ${removal.sha256}`] as const] : []),
])}</section>`
}

const rows = (pairs: readonly (readonly [string, string])[]): string =>
  `<table>${pairs.map(([name, value]) => `<tr><th scope="row">${text(name)}</th><td>${text(value)}</td></tr>`).join('\n')}</table>`

const sentences = (title: string, lines: readonly string[], none: string): string =>
  `<section><h2>${text(title)}</h2>${lines.length === 0 ? `<p>${text(none)}</p>` : `<ul>${lines.map((line) => `<li>${text(line)}</li>`).join('')}</ul>`}</section>`
