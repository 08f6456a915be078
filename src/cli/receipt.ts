import type { Command } from 'commander'
import { everyItem } from '../dialects/native/connect.ts'
import { family, hubCommand, type Context } from './context.ts'
import { connectHub, type HubOptions } from './hub.ts'
import { table } from './terminal.ts'

export const receiptCommand = (context: Context): Command =>
  family('receipt', 'Signed proofs of removal', [getCommand(context), listCommand(context), keyCommand(context)])

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
