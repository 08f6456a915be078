import Fastify from 'fastify'
import { ConfigError } from '../../directory/errors.ts'
import { expose, expositionType, type Family } from './exposition.ts'

export interface MetricsAddress {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
}

export interface MetricsServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves `GET /metrics` at an address of its own, to whoever reaches it: it tells of the whole installation, which no credential of an organization may see.
 * Throws ConfigError when the port is taken.
 */
export async function listenForMetrics(
  { host, port }: MetricsAddress,
  { collect, failed }: { readonly collect: () => Promise<readonly Family[]>; readonly failed: (error: unknown) => void },
): Promise<MetricsServer> {
  const app = Fastify({ logger: false, forceCloseConnections: true, requestTimeout: 10_000 })
  app.get('/metrics', async (_request, reply) =>
    reply
      .type(expositionType)
      .header('cache-control', 'no-store')
      .send(expose(await collect())),
  )
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('Metrics are at /metrics.\n'),
  )
  app.setErrorHandler((error, _request, reply) => {
    failed(error)
    return reply.code(503).type('text/plain; charset=utf-8').send('The metrics cannot be read now.\n')
  })
  try {
    return { url: `${await app.listen({ host, port })}/metrics`, close: () => app.close() }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw new ConfigError(
        `Port ${port} is in use. Choose another with --metrics, such as --metrics 127.0.0.1:0 for a free one.`,
        { cause },
      )
    throw cause
  }
}
