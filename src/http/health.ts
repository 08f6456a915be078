import type { FastifyInstance } from 'fastify'
import { DirectoryError } from '../directory/errors.ts'

/** `/livez` answers as long as the process does; `/readyz` answers 503 with the reason while `check` throws. */
export function addHealth(app: FastifyInstance, check: () => Promise<void>): void {
  app.get('/livez', () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    try {
      await check()
      return { status: 'ready' }
    } catch (error) {
      const reason = error instanceof DirectoryError ? error.message : 'The database does not answer as it should.'
      return reply.code(503).send({ status: 'notReady', reason })
    }
  })
}
