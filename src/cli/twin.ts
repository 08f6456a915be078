import { join } from 'node:path'
import type { Command } from 'commander'
import { command, defaultHome, wholeNumber, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { stopRequested } from './signals.ts'

interface TwinOptions {
  readonly home: string
  readonly json?: true
  readonly host: string
  readonly port: number
  readonly people: number
  readonly seed: number
}

export const twinCommand = (context: Context): Command =>
  command('twin', 'Serve a stand-in for a vendor, with made-up people, to try things on')
    .argument('<vendor>', 'such as bandwidth')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 picks a free one', wholeNumber('--port', { from: 0, to: 65_535 }), 8081)
    .option('--people <n>', 'how many people it starts with', wholeNumber('--people', { from: 0, to: 1_000_000 }), 12)
    .option('--seed <n>', 'the same number makes the same people', wholeNumber('--seed', { from: 0, to: 999_999_999 }), 1)
    .action(async (vendor: string, { home, json, host, port, people, seed }: TwinOptions) => {
      const [{ createTwin }, { dialects }] = await Promise.all([import('../twin/create.ts'), import('../dialects/index.ts')])
      const vendors = dialects.filter((dialect) => dialect.connect)
      const dialect = vendors.find(({ name }) => name === vendor)
      if (!dialect)
        throw usageError(`There is no twin of "${vendor}". There is one of: ${vendors.map(({ name }) => name).join(', ')}.`)
      const stopping = stopRequested()
      const twin = await createTwin({
        dialect,
        home: home === defaultHome ? join(home, `twin-${vendor}`) : home,
        people,
        seed,
        clock: () => new Date(),
      })
      try {
        const url = await twin.listen({ host, port })
        if (json) context.terminal.json({ event: 'ready', url, vendor, credentials: twin.credentials })
        else {
          context.terminal.data(`${JSON.stringify(twin.credentials)}\n`)
          context.terminal.say(
            `A twin of ${vendor} is ready at ${url}. Save the line above for: rollcall connection add --vendor ${vendor} --credentials FILE`,
          )
        }
        await stopping
      } finally {
        await twin.close()
      }
    })
