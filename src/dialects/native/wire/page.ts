import { z } from 'zod'

/** A moment, as RFC 3339 in UTC with milliseconds. */
export const when = z.codec(z.iso.datetime({ offset: true }), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

/** Part of a list. `nextCursor` is absent on the last page; sent back as `cursor`, it answers the next one. */
export const page = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), nextCursor: z.string().optional() })

export const limit = z.codec(z.string().regex(/^[0-9]{1,4}$/, 'a number from 1 to 1000'), z.int().min(1).max(1000), {
  decode: (text) => Number(text),
  encode: (number) => String(number),
})

/** What every paged list takes: `limit` 1 to 1000, 100 when absent, and the `nextCursor` of the page before. */
export const pageQuery = { cursor: z.string().min(1).max(500).optional(), limit: limit.optional() }

export const id = z.uuid()
