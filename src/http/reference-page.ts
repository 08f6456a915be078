import { z } from 'zod'
import type { ProblemNote } from '../dialects/dialect.ts'
import type { JsonSchema, OpenApi, OpenApiContent, OpenApiOperation } from '../wire/openapi.ts'
import { escaped as text } from '../wire/page.ts'

/** The only style of the pages; allowed by the hash of this text and nothing else. */
export const style = `
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent);--soft:color-mix(in srgb,currentColor 6%,transparent)}
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem 1rem 6rem}
h1{margin:0 0 .5rem}h2{margin:3rem 0 .5rem;border-bottom:1px solid var(--line)}h3{margin:2rem 0 .25rem;font-size:1rem}
code,pre{font:14px/1.5 ui-monospace,monospace}pre{background:var(--soft);padding:.75rem 1rem;overflow-x:auto;border-radius:6px}
nav ul{columns:14rem;padding-left:1rem}nav.dialects ul{columns:auto;display:flex;flex-wrap:wrap;gap:1rem;list-style:none;padding:0}[aria-current]{font-weight:700}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
.method{font-weight:700}a{color:inherit}
`

/** One of the APIs that a reader may choose, with the addresses of its page and its document. */
export interface Choice {
  readonly name: string
  readonly page: string
  readonly document: string
}

export interface PageOptions {
  readonly choices: readonly Choice[]
  /** The name of the one that is shown. */
  readonly current: string
  readonly glossary: readonly ProblemNote[]
}

/** The reference of one API as a page that reads without script, from its OpenAPI document. */
export function renderPage(document: OpenApi, { choices, current, glossary }: PageOptions): string {
  const { info, tags, servers } = document
  const all = Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const sections = tags.map(({ name }) => ({
    name,
    operations: all.filter(({ operation }) => operation.tags.includes(name)),
  }))
  const program = choices.find(({ name }) => name === current)?.document ?? ''
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${text(info.title)} API reference</title>
<style>${style}</style>
<body>
<nav class="dialects" aria-label="APIs"><ul>${choices.map(({ name, page }) => `<li><a href="${text(page)}"${name === current ? ' aria-current="page"' : ''}>${text(name)}</a></li>`).join('')}</ul></nav>
<h1>${text(info.title)} API</h1>
<p>${text(info.summary ?? '')}. Version ${text(info.version)}. Base: <code>${text(servers[0]?.url ?? '')}</code>. For programs: <a href="${text(program)}">OpenAPI 3.1</a>.</p>
<p>${text(info.description ?? '')}</p>
<nav aria-label="Operations">
${sections.map(({ name, operations }) => `<h3>${text(name)}</h3><ul>${operations.map(({ operation }) => `<li><a href="#${text(operation.operationId)}">${text(operation.operationId)}</a></li>`).join('')}</ul>`).join('\n')}
${glossary.length > 0 ? '<p><a href="#problems">Problems</a></p>' : ''}
</nav>
${sections.map(({ name, operations }) => `<h2>${text(name)}</h2>\n${operations.map((entry) => renderOperation(entry, document)).join('\n')}`).join('\n')}
${glossary.length > 0 ? renderGlossary(glossary) : ''}
</body>
</html>
`
}

function renderOperation(
  { path, method, operation }: { readonly path: string; readonly method: string; readonly operation: OpenApiOperation },
  document: OpenApi,
): string {
  const { parameters, operationId, summary, responses, requestBody } = operation
  const statuses = Object.keys(responses)
  const successes = statuses.filter((status) => status < '400')
  const rows = [
    ...parameters.map(({ name, in: place, required, description, schema }) =>
      row(name, { place, required, accepts: description ?? accepted(schema) }),
    ),
    ...membersOf(requestBody?.content, document).map(({ name, required, schema }) =>
      row(name, { place: 'body', required, accepts: accepted(schema) }),
    ),
  ]
  const refusals = statuses.filter((status) => status >= '400')
  const request = exampleIn(requestBody?.content)
  const reply = successes.map((status) => exampleIn(contentIn(responses[status]))).find((example) => example !== undefined)
  return `<section id="${text(operationId)}">
<h3><span class="method">${text(method)}</span> <code>${text(path)}</code></h3>
<p>${text(summary.replace(/\.$/, ''))}. <code>${text(operationId)}</code></p>
${rows.length > 0 ? `<table><tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">Accepts</th></tr>${rows.join('')}</table>` : ''}
${requestBody ? `<p>Body: ${spoken(requestBody.content)}</p>` : ''}${request === undefined ? '' : `<pre tabindex="0">${text(JSON.stringify(request, null, 2))}</pre>`}
<p>Answers ${text(successes.join(', ') || refusals.join(', '))}${spoken(contentIn(responses[successes[0] ?? '']), ': ')}. Refuses with ${text(refusals.join(', '))}.</p>${reply === undefined ? '' : `<pre tabindex="0">${text(JSON.stringify(reply, null, 2))}</pre>`}
</section>`
}

const row = (name: string, detail: { readonly place: string; readonly required: boolean; readonly accepts: string }): string =>
  `<tr><th scope="row"><code>${text(name)}</code></th><td>${text(detail.place)}</td><td>${text(detail.accepts)}${detail.required ? '; required' : ''}</td></tr>`

function renderGlossary(glossary: readonly ProblemNote[]): string {
  const rows = glossary.map(
    ({ anchor, type, status, meaning }) =>
      `<tr id="${text(anchor)}"><th scope="row"><code>${text(type)}</code></th><td>${status}</td><td>${text(meaning)}</td></tr>`,
  )
  return `<h2 id="problems">Problems</h2>
<p>What each <code>type</code> of a refusal means.</p>
<table><tr><th scope="col">Type</th><th scope="col">Status</th><th scope="col">Meaning</th></tr>${rows.join('\n')}</table>`
}

const spoken = (content: OpenApiContent | undefined, before = ''): string =>
  content
    ? before +
      Object.keys(content)
        .map((type) => `<code>${text(type)}</code>`)
        .join(' or ')
    : ''

const contentIn = (response: OpenApiOperation['responses'][string] | undefined): OpenApiContent | undefined =>
  response && 'content' in response ? response.content : undefined

const exampleIn = (content: OpenApiContent | undefined): unknown =>
  Object.values(content ?? {}).find(({ example }) => example !== undefined)?.example

const Shape = z.looseObject({
  $ref: z.string().optional(),
  type: z.unknown().optional(),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
  oneOf: z.array(z.looseObject({})).optional(),
  anyOf: z.array(z.looseObject({})).optional(),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  description: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
})

interface Member {
  readonly name: string
  readonly required: boolean
  readonly schema: JsonSchema
}

/** The members of a body, each once; where a body is one of several, those of all, of which none is required. */
function membersOf(content: OpenApiContent | undefined, document: OpenApi): readonly Member[] {
  const found = new Map<string, Member>()
  const types = Object.keys(content ?? {})
  const collect = (schema: JsonSchema, isChoice: boolean): void => {
    const { $ref: reference, properties = {}, required = [], oneOf = [], anyOf = [] } = Shape.parse(schema)
    if (reference !== undefined) return collect(document.components.schemas[reference.split('/').at(-1) ?? ''] ?? {}, isChoice)
    for (const [name, member] of Object.entries(properties))
      if (!found.has(name)) found.set(name, { name, required: !isChoice && required.includes(name), schema: member })
    for (const choice of [...oneOf, ...anyOf]) collect(choice, true)
  }
  // XML says the same inside of its root element.
  const plain = types.find((type) => !type.endsWith('xml')) ?? types[0]
  if (plain !== undefined) collect(content?.[plain]?.schema ?? {}, false)
  return [...found.values()]
}

/** What a parameter or a member takes, in a few words. */
function accepted(schema: unknown): string {
  const { description, enum: values, format, pattern, type, minimum, maximum, anyOf = [], oneOf = [] } = Shape.parse(schema)
  if (description !== undefined) return description.replace(/\.$/, '')
  if (values) return values.map(String).join(', ')
  if (format === 'uuid') return 'an id'
  if (pattern?.startsWith('^[0-9]')) return 'a number from 1 to 1000'
  if (type === 'integer' && minimum !== undefined && maximum !== undefined && minimum > -1e9 && maximum < 1e9)
    return `a number from ${minimum} to ${maximum}`
  const choices = [...anyOf, ...oneOf].map(accepted).filter((words) => words !== 'anything')
  if (choices.length > 0) return [...new Set(choices)].join(' or ')
  return (typeof type === 'string' ? words.get(type) : undefined) ?? 'anything'
}

const words: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['integer', 'a number'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['null', 'null'],
])
