import type { FastifyInstance } from 'fastify'
import type { Dialect } from '../dialects/dialect.ts'
import { pageHeaders } from '../wire/page.ts'
import { describeDialect } from './openapi.ts'
import { renderPage, style, type Choice } from './reference-page.ts'

/**
 * Serves each dialect's OpenAPI 3.1 document at `/openapi/NAME.json` and its page at `/docs/NAME`; the first one's also at `/openapi.json` and `/docs`.
 * They lie outside of every dialect and so of every vendor's paths, and are open to everybody: they tell how an API works and nothing of who is in it.
 */
export function addReference(app: FastifyInstance, dialects: readonly Dialect[]): void {
  const choices = dialects.map(({ name }, at): Choice => ({
    name,
    page: at === 0 ? '/docs' : `/docs/${name}`,
    document: `/openapi/${name}.json`,
  }))
  for (const [at, dialect] of dialects.entries()) {
    const texts = once(() => {
      const document = describeDialect(dialect)
      return {
        json: JSON.stringify(document),
        page: renderPage(document, { choices, current: dialect.name, glossary: dialect.describe().glossary ?? [] }),
      }
    })
    for (const url of at === 0 ? ['/openapi.json', `/openapi/${dialect.name}.json`] : [`/openapi/${dialect.name}.json`])
      app.get(url, async (_request, reply) => reply.type('application/json; charset=utf-8').send(texts().json))
    for (const url of at === 0 ? ['/docs', `/docs/${dialect.name}`] : [`/docs/${dialect.name}`])
      app.get(url, async (_request, reply) =>
        reply.type('text/html; charset=utf-8').headers(pageHeaders(style)).send(texts().page),
      )
  }
}

/** Makes the value when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
