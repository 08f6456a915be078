import type { Command } from 'commander'
import { command, wholeNumber, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { stopRequested } from './signals.ts'

export const demoCommand = (context: Context): Command =>
  command('demo', 'Show the whole job on this machine: hub, stand-in vendor, joiner, drift, leaver, receipt')
    .option('--port <n>', 'port of the hub; 0 picks a free one', wholeNumber('--port', { from: 0, to: 65_535 }), 0)
    .option('--exit', 'end after the last chapter instead of staying up')
    .action(async ({ port, exit, json }: { readonly port: number; readonly exit?: true; readonly json?: true }) => {
      if (json) throw usageError('The demo is a story for people and has no --json. Use serve and twin with --json in scripts.')
      const { demo } = await import('./demo.ts')
      const { data, strong } = context.terminal
      const running = await demo({ screen: { write: data, colour: strong('x') !== 'x' }, port })
      if (!exit) await stopRequested()
      await running.close()
    })
