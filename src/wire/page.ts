import { createHash } from 'node:crypto'

/** What a browser may do with a page of ours: show it with its one style. No script, no frame, nothing from elsewhere. */
export const pagePolicy = (style: string): string =>
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** The headers that such a page is sent with. */
export const pageHeaders = (style: string): Readonly<Record<string, string>> => ({
  'content-security-policy': `${pagePolicy(style)}; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
})

/** Text within a page: what would be markup is spelled out. */
export const escaped = (raw: string): string => raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
