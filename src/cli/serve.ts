import { Option, type Command } from 'commander'
import type { Logger } from 'pino'
import type { Hub } from '../app.ts'
import { readReadyFile, type ReadyFile } from './config-apply.ts'
import { command, wholeNumber, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { loadApp } from './home.ts'
import { onReload, stopRequested } from './signals.ts'

interface ServeOptions {
  readonly home: string
  readonly json?: true
  readonly host: string
  readonly port: number
  readonly logLevel: string
  readonly scimTestResources?: true
  readonly metrics?: { readonly host: string; readonly port: number }
  readonly config?: string
}

export const serveCommand = (context: Context): Command =>
  command('serve', 'Serve the directory and keep the connected vendors as they should be')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 picks a free one', wholeNumber('--port', { from: 0, to: 65_535 }), 8080)
    .option('--config <file>', 'desired state to apply before serving, and again at SIGHUP (see rollcall config)')
    .addOption(
      new Option('--log-level <level>', 'how much of the log goes to stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .option('--scim-test-resources', 'serve TestResources under /scim/v2 too, for conformance suites')
    .addOption(
      new Option(
        '--metrics <address>',
        'serve GET /metrics for Prometheus at this address, such as 127.0.0.1:9464; without a host on this machine alone',
      ).argParser(metricsAddress),
    )
    .action(async ({ home, json, host, port, logLevel, scimTestResources, metrics, config }: ServeOptions) => {
      const [{ openHub }, { createLog, inBatches }] = await Promise.all([loadApp(), import('../http/log.ts')])
      const log = createLog(
        inBatches((lines) => context.terminal.say(lines.trimEnd())),
        logLevel,
      )
      const stopping = stopRequested()
      const file = config === undefined ? undefined : desiredState(context, config)
      const hub = await openHub({
        home,
        environment: context.environment,
        host,
        port,
        log,
        scimTestResources,
        metrics,
        ...(file && { readConfiguration: file.read }),
      }).catch((error: unknown) => {
        throw file?.explain(error) ?? error
      })
      const stopReloading = file ? onReload(() => reload(hub, { file, log })) : async () => undefined
      const { metricsUrl } = hub
      if (json) context.terminal.json({ event: 'ready', url: hub.url, ...(metricsUrl !== undefined && { metricsUrl }) })
      else context.terminal.data(`Rollcall is ready at ${hub.url}. The API reference: ${hub.url}/docs\n`)
      if (!json && metricsUrl !== undefined) context.terminal.data(`Metrics, for whoever reaches that address: ${metricsUrl}\n`)
      await stopping
      await stopReloading()
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

interface DesiredState {
  readonly read: () => Promise<ReadyFile>
  /** What was refused of the file that was read last, by its place in it. */
  readonly explain: (error: unknown) => unknown
}

function desiredState(context: Context, path: string): DesiredState {
  let last: ReadyFile | undefined
  return {
    read: async () => (last = await readReadyFile(context, path)),
    explain: (error) => last?.explain(error) ?? error,
  }
}

/** A file that cannot be applied changes nothing: what stands is served on. */
async function reload(hub: Hub, { file, log }: { readonly file: DesiredState; readonly log: Logger }): Promise<void> {
  try {
    await hub.applyConfiguration()
  } catch (cause) {
    const error = file.explain(cause)
    log.error(
      { error: error instanceof Error ? error.message : 'unknown' },
      'the configuration was not applied; what stood before is served on',
    )
  }
}
