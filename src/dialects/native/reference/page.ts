import { z } from 'zod'
import type { OpenApi, OpenApiOperation } from '../../../wire/describe.ts'
import type { Example } from '../examples.ts'
import { escaped as text } from '../page-policy.ts'
import { explanations, problems, problemType, refusals } from '../problem.ts'

/** The only style of the page; allowed by the hash of this text and nothing else. */
export const style = `
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent);--soft:color-mix(in srgb,currentColor 6%,transparent)}
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem 1rem 6rem}
h1{margin:0 0 .5rem}h2{margin:3rem 0 .5rem;border-bottom:1px solid var(--line)}h3{margin:2rem 0 .25rem;font-size:1rem}
code,pre{font:14px/1.5 ui-monospace,monospace}pre{background:var(--soft);padding:.75rem 1rem;overflow-x:auto;border-radius:6px}
nav ul{columns:14rem;padding-left:1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
.method{font-weight:700}a{color:inherit}
`

/** The reference as a page that reads without script, from the OpenAPI document and the documented examples. */
export function renderPage(document: OpenApi, examples: Readonly<Record<string, Example>>): string {
  const all = Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const sections = document.tags.map(({ name }) => ({
    name,
    operations: all.filter(({ operation }) => operation.tags.includes(name)),
  }))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${text(document.info.title)} API reference</title>
<style>${style}</style>
<body>
<h1>${text(document.info.title)} API</h1>
<p>${text(document.info.summary ?? '')}. Version ${text(document.info.version)}. Base: <code>/api/v1</code>. For programs: <a href="/openapi.json">OpenAPI 3.1</a>.</p>
<p>${text(document.info.description ?? '')}</p>
<nav aria-label="Operations">
${sections.map(({ name, operations }) => `<h3>${text(name)}</h3><ul>${operations.map(({ operation }) => `<li><a href="#${text(operation.operationId)}">${text(operation.operationId)}</a></li>`).join('')}</ul>`).join('\n')}
<p><a href="#problems">Problems</a></p>
</nav>
${sections.map(({ name, operations }) => `<h2>${text(name)}</h2>\n${operations.map((entry) => renderOperation(entry, examples[entry.operation.operationId] ?? {})).join('\n')}`).join('\n')}
${renderProblems()}
</body>
</html>
`
}

function renderOperation(
  { path, method, operation }: { readonly path: string; readonly method: string; readonly operation: OpenApiOperation },
  example: Example,
): string {
  const { parameters, operationId, summary, responses } = operation
  const status = Object.keys(responses)[0] ?? ''
  const rows = parameters.map(
    (parameter) =>
      `<tr><th scope="row"><code>${text(parameter.name)}</code></th><td>${text(parameter.in)}</td><td>${text(parameter.description ?? accepted(parameter.schema))}</td></tr>`,
  )
  return `<section id="${text(operationId)}">
<h3><span class="method">${text(method)}</span> <code>${text(path)}</code></h3>
<p>${text(summary)}. <code>${text(operationId)}</code></p>
${rows.length > 0 ? `<table><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Accepts</th></tr>${rows.join('')}</table>` : ''}
${example.request === undefined ? '' : `<p>Request</p><pre tabindex="0">${text(JSON.stringify(example.request, null, 2))}</pre>`}
<p>Answers ${text(status)}</p>${example.reply === undefined ? '' : `<pre tabindex="0">${text(JSON.stringify(example.reply, null, 2))}</pre>`}
</section>`
}

function renderProblems(): string {
  const rows = refusals.map((refusal) => {
    const type = problemType(refusal)
    const [status, title] = problems[refusal]
    return `<tr id="${text(type.slice(type.indexOf('#') + 1))}"><th scope="row"><code>${text(type)}</code></th><td>${status}</td><td>${text(title)}. ${text(explanations[refusal])}</td></tr>`
  })
  return `<h2 id="problems">Problems</h2>
<p>A refusal is <code>application/problem+json</code> with <code>type</code>, <code>title</code>, <code>status</code>, <code>detail</code>, <code>requestId</code> and, where one is at fault, <code>field</code>.</p>
<table><tr><th scope="col">Type</th><th scope="col">Status</th><th scope="col">Meaning</th></tr>${rows.join('\n')}</table>`
}

const Accepted = z.looseObject({
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
})

/** What a parameter takes, in a few words. */
function accepted(schema: unknown): string {
  const { enum: values, format, pattern } = Accepted.parse(schema)
  return values?.join(', ') ?? (format === 'uuid' ? 'an id' : pattern?.startsWith('^[0-9]') ? 'a number from 1 to 1000' : 'text')
}
