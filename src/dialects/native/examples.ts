import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Example = z.strictObject({
  params: z.record(z.string(), z.string()).optional(),
  query: z.record(z.string(), z.string()).optional(),
  request: z.json().optional(),
  reply: z.json().optional(),
})
export type Example = z.output<typeof Example>

/** One documented request and reply per operation, by its name: shown on the reference page, and what the tests hold the wire to. */
export const readExamples = (): Readonly<Record<string, Example>> =>
  z.record(z.string(), Example).parse(JSON.parse(readFileSync(new URL('./fixtures/examples.json', import.meta.url), 'utf8')))
