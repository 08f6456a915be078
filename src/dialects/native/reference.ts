import type { FastifyInstance } from 'fastify'
import { readExamples } from './examples.ts'
import { pageHeaders } from './page-policy.ts'
import { describe } from './reference/openapi.ts'
import { renderPage, style } from './reference/page.ts'
import { readVersion } from './version.ts'

/** Serves `/openapi.json` and `/docs`, both open to everybody: they tell how the API works and nothing of who is in it. */
export function registerReference(app: FastifyInstance): void {
  const texts = once(() => {
    const examples = readExamples()
    const document = describe(readVersion(), examples)
    return { json: JSON.stringify(document), page: renderPage(document, examples) }
  })
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(texts().json))
  app.get('/docs', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').headers(pageHeaders(style)).send(texts().page),
  )
}

/** Makes the value when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
