import { createHash, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import type { Client } from '../dialects/native/connect.ts'
import type { Call } from '../directory/call.ts'
import type { LeaverReceipt } from '../sync/leaver/receipt.ts'
import type { Receipt } from '../sync/receipt.ts'
import { hubCommand, type Context } from './context.ts'
import { exitCodes } from './exit.ts'
import { usageError } from './failure.ts'
import { loadApp } from './home.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { requireHome } from './installation.ts'
import { printable, printableLines } from './terminal.ts'

interface VerifyOptions extends HubOptions {
  readonly publicKey?: string
}

export const verifyCommand = (context: Context): Command =>
  hubCommand('verify', 'Verify a receipt offline, or without a file the chain of facts')
    .argument(
      '[file]',
      'a receipt as rollcall receipt get printed it, or what rollcall access --signed or review export --signed wrote',
    )
    .option('--public-key <file>', 'accept no signature but by this key (rollcall receipt key prints the hub’s)')
    .action(async (file: string | undefined, options: VerifyOptions, self: Command) => {
      if (file !== undefined) return verifyFile(context, file, options)
      if (options.publicKey !== undefined) throw usageError('--public-key belongs to a receipt. Name the file.')
      // A home that is named wins over a hub that the environment names.
      const homeIsNamed = self.getOptionValueSource('home') === 'cli'
      const remote = options.url !== undefined || (!homeIsNamed && Boolean(context.environment['ROLLCALL_URL']))
      reportChains(
        context,
        remote ? [await chainOfHub(connectHub(context, options))] : await chainsOfHome(context, options.home),
        options,
      )
    })

async function verifyFile(context: Context, file: string, { publicKey, json }: VerifyOptions): Promise<void> {
  const { verifyReceipt } = await import('../sync/receipt.ts')
  const trusted = publicKey === undefined ? undefined : readFileSync(publicKey, 'utf8')
  if (trusted !== undefined && !fingerprintOf(trusted))
    throw usageError(`${publicKey} is not a public key in PEM. rollcall receipt key prints one.`)
  const text = readFileSync(file, 'utf8')
  const { isSignedLines } = await import('../sync/signed-lines.ts')
  if (isSignedLines(text)) return verifyLines(context, { text, trusted }, json)
  const { isLeaverReceipt, verifyLeaverReceipt } = await import('../sync/leaver/receipt.ts')
  const verdict = isLeaverReceipt(text) ? verifyLeaverReceipt(text, trusted) : verifyReceipt(text, trusted)
  if (!verdict.valid) {
    context.end(exitCodes.error)
    if (json) return context.terminal.json({ valid: false, reason: verdict.reason })
    return context.terminal.data(`Not valid. ${printable(verdict.reason)}\n`)
  }
  const { receipt } = verdict
  const fingerprint = fingerprintOf(receipt.key)
  if (json) return context.terminal.json({ valid: true, trusted: trusted !== undefined, key: { fingerprint }, receipt })
  const told = 'kind' in receipt ? leaverLines(receipt) : removalLine(receipt)
  context.terminal.data(`Valid. ${printableLines(told)}\nSigned by ${fingerprint}.\n`)
  if (trusted === undefined) context.terminal.say(certainty)
}

const removalLine = ({ account, connection, verifiedGoneAt }: Receipt): string =>
  `The account ${account.userName} (${account.id}) at ${connection.name} was gone at ${verifiedGoneAt}.`

const leaverLines = ({ person, number, issuedAt, connections, chain }: LeaverReceipt): string =>
  [
    `Receipt ${number} for ${person.userName}, issued at ${issuedAt}:`,
    ...connections.map(({ name, outcome, reads }) => {
      const last = reads.at(-1)
      return `  ${name}: ${outcome}${last ? `, read last at ${last.at} as ${last.found}` : ''}`
    }),
    `At fact ${chain.sequence}, ${chain.hash}.`,
  ].join('\n')

async function verifyLines(
  { end, terminal }: Context,
  { text, trusted }: { readonly text: string; readonly trusted: string | undefined },
  json: HubOptions['json'],
): Promise<void> {
  const { verifySignedLines } = await import('../sync/signed-lines.ts')
  const verdict = verifySignedLines(text, trusted)
  if (!verdict.valid) end(exitCodes.error)
  if (json) return terminal.json(verdict.valid ? { ...verdict, trusted: trusted !== undefined } : verdict)
  if (!verdict.valid) return terminal.data(`Not valid. ${printable(verdict.reason)}\n`)
  const { head, items, key } = verdict
  terminal.data(
    `Valid. ${printable(titleOf(head))} of ${items} lines, issued at ${printable(String(head['issuedAt']))}.\nSigned by ${fingerprintOf(key)}.\n`,
  )
  if (trusted === undefined) terminal.say(certainty)
}

const Review = z.object({ kind: z.literal('rollcall.review'), review: z.object({ name: z.string() }) })

/** What a signed document says that it is. */
function titleOf(head: Readonly<Record<string, unknown>>): string {
  const { data } = Review.safeParse(head)
  return data ? `rollcall.review "${data.review.name}"` : String(head['kind'])
}

/** Said of what was verified without a key to compare. */
const certainty = 'That the text is whole is certain; who signed it is, once you compare the key: verify again with --public-key.'

interface Chain {
  readonly id: string
  readonly name: string
  readonly verdict: Awaited<ReturnType<Client['verifyFacts']>>
}

async function chainOfHub(hub: Client): Promise<Chain> {
  const { id, name } = await hub.readOrganization()
  return { id, name, verdict: await hub.verifyFacts() }
}

async function chainsOfHome(context: Context, home: string): Promise<readonly Chain[]> {
  requireHome(context, home)
  const { openHome } = await loadApp()
  const opened = await openHome(home, context.environment)
  try {
    const chains: Chain[] = []
    for (let after: string | undefined; ;) {
      const organizations = await opened.database.store.read((reader) => reader.organizations({ after, limit: 100 }))
      for (const { id, name } of organizations)
        chains.push({ id, name, verdict: await opened.directory.verifyFacts(auditCall(id), undefined) })
      after = organizations.at(-1)?.id
      if (after === undefined) return chains
    }
  } finally {
    await opened.close()
  }
}

const auditCall = (organizationId: string): Call => ({
  organizationId,
  actor: 'system:cli',
  scopes: new Set(['audit'] as const),
  now: new Date(),
  requestId: 'cli',
  via: 'cli.verify',
})

function reportChains(context: Context, chains: readonly Chain[], { json }: VerifyOptions): void {
  if (chains.some(({ verdict }) => !verdict.intact)) context.end(exitCodes.error)
  if (json) return context.terminal.json({ organizations: chains.map(({ id, name, verdict }) => ({ id, name, ...verdict })) })
  for (const { name, verdict } of chains)
    context.terminal.data(
      verdict.intact
        ? `${printable(name)}: ${verdict.head.sequence} facts, unbroken. Head ${verdict.head.hash}\n`
        : `${printable(name)}: broken at fact ${verdict.sequence}: ${verdict.reason}\n`,
    )
  if (chains.length === 0) context.terminal.say('There is no organization yet.')
}

/** SHA-256 over the key's SPKI bytes; undefined for what is no public key. */
function fingerprintOf(pem: string): string | undefined {
  try {
    const der = createPublicKey(pem).export({ type: 'spki', format: 'der' })
    return `SHA256:${createHash('sha256').update(der).digest('base64')}`
  } catch {
    return undefined
  }
}
