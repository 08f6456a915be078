import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { everyItem } from '../dialects/native/connect.ts'
import { family, hubCommand, wholeNumber, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { findOffboarding } from './offboarding-name.ts'
import { table } from './terminal.ts'

export const receiptCommand = (context: Context): Command =>
  family(
    'receipt',
    'Signed proofs: rollcall receipt <person> prints that of somebody who left; the others concern each removal',
    [ofCommand(context), getCommand(context), listCommand(context), keyCommand(context)],
    { otherwise: 'of' },
  )

const ofCommand = (context: Context) =>
  hubCommand('of', 'Print a leaver’s receipt over all vendors as it is signed; the command rollcall receipt <person> is the same')
    .argument('<person>', 'e-mail address or user name, or the id of the offboarding')
    .option('--html <file>', 'write it as a page fit to print')
    .option('--out <file>', 'write the signed text to a file, byte for byte')
    .option('--number <number>', 'an earlier one', wholeNumber('--number', { from: 1, to: 999_999 }))
    .action(
      async (
        person: string,
        options: HubOptions & { readonly html?: string; readonly out?: string; readonly number?: number },
      ) => {
        const hub = connectHub(context, options)
        const { id: offboardingId } = await findOffboarding(hub, person)
        const query = { number: options.number }
        const receipt = await hub.readLeaverReceipt({ offboardingId, query })
        if (options.html !== undefined)
          writeNew(options.html, await hub.readLeaverReceiptPage({ offboardingId, query: { number: receipt.number } }))
        if (options.out !== undefined) writeNew(options.out, receipt.text)
        for (const file of [options.html, options.out]) if (file !== undefined) context.terminal.say(`Written: ${file}`)
        if (options.json) return context.terminal.json({ receipt })
        if (options.html === undefined && options.out === undefined) context.terminal.data(receipt.text)
      },
    )

/** A proof that was kept is never written over. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw usageError(`${file} exists already. Name another file, or remove it first.`)
    throw error
  }
}

const getCommand = (context: Context) =>
  hubCommand('get', 'Print a receipt as it is signed: keep it unchanged, verify it with rollcall verify')
    .argument('<id>', 'id of the receipt')
    .action(async (receiptId: string, options: HubOptions) => {
      const receipt = await connectHub(context, options).readReceipt({ receiptId })
      if (options.json) return context.terminal.json({ receipt })
      context.terminal.data(receipt.text)
    })

const listCommand = (context: Context) =>
  hubCommand('list', 'The receipts, newest first')
    .option('--subject <userName>', 'only of this person')
    .action(async (options: HubOptions & { readonly subject?: string }) => {
      const hub = connectHub(context, options)
      const receipts = await Array.fromAsync(
        everyItem((cursor) => hub.listReceipts({ query: { cursor, limit: 1000, subject: options.subject } })),
      )
      if (options.json) return context.terminal.json({ receipts })
      const rows = receipts.map(({ id, subject, issuedAt }) => [issuedAt.toISOString(), subject, id])
      context.terminal.data(table(context.terminal, ['ISSUED', 'SUBJECT', 'ID'], rows))
    })

const keyCommand = (context: Context) =>
  hubCommand('key', 'Print the public key that signs receipts, for rollcall verify --public-key').action(
    async (options: HubOptions) => {
      const { publicKey } = await connectHub(context, options).readReceiptKey()
      if (options.json) return context.terminal.json({ publicKey })
      context.terminal.data(publicKey)
    },
  )
