import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { readExamples } from './examples.ts'
import { describe } from './reference/openapi.ts'
import { renderPage, style } from './reference/page.ts'
import { readVersion } from './version.ts'

/** What a browser may do with the page: show it with its one style. No script, no frame, nothing from elsewhere. */
const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Serves `/openapi.json` and `/docs`, both open to everybody: they tell how the API works and nothing of who is in it. */
export function registerReference(app: FastifyInstance): void {
  const texts = once(() => {
    const examples = readExamples()
    const document = describe(readVersion(), examples)
    return { json: JSON.stringify(document), page: renderPage(document, examples) }
  })
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(texts().json))
  app.get('/docs', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers({
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      })
      .send(texts().page),
  )
}

/** Makes the value when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
