import { z } from 'zod'

/** A boolean that is spelled `true` in JSON and as the text "true" in XML and forms. */
export const flag = z.codec(z.union([z.boolean(), z.enum(['true', 'false'])]), z.boolean(), {
  decode: (spelled) => spelled === true || spelled === 'true',
  encode: (value) => value,
})

/** A safe integer that is spelled as a number in JSON and in decimal digits in XML and forms. */
export const integer = z.codec(z.union([z.int(), z.string().regex(/^-?(?:0|[1-9][0-9]{0,15})$/)]), z.int(), {
  decode: Number,
  encode: (value) => value,
})
