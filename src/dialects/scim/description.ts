import { describedError } from './errors.ts'
import type { DialectDescription } from '../dialect.ts'

export const describeScim = (): DialectDescription => ({
  title: 'SCIM 2.0',
  version: '2.0',
  summary: 'What identity providers provision people through (RFC 7643, RFC 7644)',
  description:
    'Every request carries the SCIM token as a bearer; discovery needs none. Names of attributes are case-insensitive, shown as the RFC spells them. ' +
    'What is not offered (/Me) answers 501.',
  securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
  problems: { Error: describedError },
  // Discovery refuses a filter (RFC 7644 §4), open as it is.
  refusalsOf: ({ open }, usual) => (open ? [...usual, 'forbidden'] : usual),
})
