// Data types of RFC 7643 §2.3 that travel as text.

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[-+]\d\d:\d\d)?$/

/** An xsd:dateTime; one without an offset is taken as UTC. Undefined for anything else, a day that does not exist included. */
export function parseDateTime(text: string): Date | undefined {
  if (!dateTime.test(text)) return undefined
  const date = new Date(/(?:Z|[-+]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
  if (Number.isNaN(date.getTime())) return undefined
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10)) ? date : undefined
}

/** Whether a text is base64 (RFC 4648 §4), in lines or not. */
export function isBase64(text: string): boolean {
  const bare = text.replace(/[\r\n]/g, '')
  return bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare)
}
