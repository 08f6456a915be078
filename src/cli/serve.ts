import { Option, type Command } from 'commander'
import { command, wholeNumber, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { loadApp } from './home.ts'
import { stopRequested } from './signals.ts'

interface ServeOptions {
  readonly home: string
  readonly json?: true
  readonly host: string
  readonly port: number
  readonly logLevel: string
  readonly metrics?: { readonly host: string; readonly port: number }
}

export const serveCommand = (context: Context): Command =>
  command('serve', 'Serve the directory and keep the connected vendors as they should be')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 picks a free one', wholeNumber('--port', { from: 0, to: 65_535 }), 8080)
    .addOption(
      new Option('--log-level <level>', 'how much of the log goes to stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addOption(
      new Option(
        '--metrics <address>',
        'serve GET /metrics for Prometheus at this address, such as 127.0.0.1:9464; without a host on this machine alone',
      ).argParser(metricsAddress),
    )
    .action(async ({ home, json, host, port, logLevel, metrics }: ServeOptions) => {
      const [{ openHub }, { createLog, inBatches }] = await Promise.all([loadApp(), import('../http/log.ts')])
      const log = createLog(
        inBatches((lines) => context.terminal.say(lines.trimEnd())),
        logLevel,
      )
      const stopping = stopRequested()
      const hub = await openHub({ home, environment: context.environment, host, port, log, metrics })
      const { metricsUrl } = hub
      if (json) context.terminal.json({ event: 'ready', url: hub.url, ...(metricsUrl !== undefined && { metricsUrl }) })
      else context.terminal.data(`Rollcall is ready at ${hub.url}. The API reference: ${hub.url}/docs\n`)
      if (!json && metricsUrl !== undefined) context.terminal.data(`Metrics, for whoever reaches that address: ${metricsUrl}\n`)
      await stopping
      await hub.close()
      if (json) context.terminal.json({ event: 'stopped' })
    })

/** `PORT` or `HOST:PORT`, an IPv6 address in brackets. */
function metricsAddress(text: string): { readonly host: string; readonly port: number } {
  const parts = /^(?:(?<host>\[[0-9A-Fa-f:.]+\]|[^:\s]+):)?(?<port>\d{1,5})$/.exec(text)?.groups
  const port = Number(parts?.['port'])
  if (!parts || port > 65_535) throw usageError(`--metrics must be PORT or HOST:PORT, such as 127.0.0.1:9464, not "${text}".`)
  return { host: (parts['host'] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port }
}
