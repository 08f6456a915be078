import type { Command } from 'commander'
import { hubCommand, wholeNumber, type Context } from './context.ts'
import { senderFor, senderToHub, type HubOptions } from './hub.ts'
import { stopRequested } from './signals.ts'

export const mcpCommand = (context: Context): Command =>
  hubCommand(
    'mcp',
    'Let a language model read the hub and propose plans, by the Model Context Protocol; it can approve and apply nothing',
  )
    .option('--http', 'serve Streamable HTTP on this machine in place of stdin and stdout; callers bring a key of their own')
    .option(
      '--port <n>',
      'with --http: port to listen on; 0 picks a free one',
      wholeNumber('--port', { from: 0, to: 65_535 }),
      8090,
    )
    .action(async (options: HubOptions & { readonly http?: true; readonly port: number }) => {
      if (options.http) {
        const { openMcpHttp } = await import('../mcp/serve-http.ts')
        const stopping = stopRequested()
        const server = await openMcpHttp({ port: options.port, sendWith: senderToHub(context, options) })
        if (options.json) context.terminal.json({ event: 'ready', url: server.url })
        else context.terminal.say(`MCP is served at ${server.url}. Callers send a native key as the bearer.`)
        await stopping
        return server.close()
      }
      const send = senderFor(context, options)
      const [{ serveStdio }, { createMcpServer }] = await Promise.all([
        import('@modelcontextprotocol/server/stdio'),
        import('../mcp/tools.ts'),
      ])
      const ended = new Promise((resolve) => process.stdin.once('close', resolve))
      const served = serveStdio(() => createMcpServer(send))
      await Promise.race([ended, stopRequested()])
      await served.close()
    })
