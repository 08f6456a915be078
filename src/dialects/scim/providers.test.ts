import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { openScim } from '../../../tests/scim.ts'

/** A conversation as a provider leads it. `{{name}}` stands for what an earlier reply was remembered by; `holds` is part of the reply's body. */
const Conversation = z.strictObject({
  provider: z.string(),
  source: z.string(),
  sso: z.enum(['none', 'okta', 'entra', 'onelogin']),
  headers: z.record(z.string(), z.string()),
  exchanges: z.array(
    z.strictObject({
      what: z.string(),
      request: z.strictObject({
        method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
        path: z.string(),
        body: z.json().optional(),
      }),
      reply: z.strictObject({
        status: z.int(),
        holds: z.json().optional(),
        remember: z.record(z.string(), z.string()).optional(),
      }),
    }),
  ),
})

const folder = new URL('./fixtures/', import.meta.url)
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const conversation = Conversation.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
  test(`${conversation.provider} is answered from its first request to its last`, async (t) => {
    const scim = await openScim(t, { sso: conversation.sso })
    const known = new Map<string, unknown>()
    const fill = (text: string) =>
      text.replace(/"\{\{(\w+)\}\}"|\{\{(\w+)\}\}/g, (_, whole?: string, part?: string) =>
        whole ? JSON.stringify(known.get(whole)) : String(known.get(part ?? '')),
      )
    for (const { what, request, reply } of conversation.exchanges) {
      const got = await scim.send(request.method, fill(request.path), {
        headers: request.body === undefined ? { ...conversation.headers, 'content-type': '' } : conversation.headers,
        ...(request.body !== undefined && { body: fill(JSON.stringify(request.body)) }),
      })
      assert.equal(got.status, reply.status, `${what}: ${got.text}`)
      if (reply.status === 204) assert.equal(got.text, '', what)
      if (reply.holds !== undefined) assert.partialDeepStrictEqual(got.json, JSON.parse(fill(JSON.stringify(reply.holds))), what)
      for (const [name, from] of Object.entries(reply.remember ?? {})) known.set(name, from ? got.json[from] : got.json)
    }
  })
}
