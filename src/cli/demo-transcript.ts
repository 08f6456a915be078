import { z } from 'zod'

/** Where the demo talks to, and whether colours may be used. */
export interface Screen {
  readonly write: (text: string) => void
  readonly colour: boolean
}

export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Answered {
  readonly status: number
  readonly body: unknown
}

/** Prints a chapter of the story. */
export function chapter(screen: Screen, title: string): void {
  const line = `── ${title} `
  screen.write(`\n${paint(screen, '1;36', line.padEnd(100, '─'))}\n`)
}

/** Prints one sentence of what is going on. */
export const say = (screen: Screen, text: string): void => screen.write(`${text}\n`)

/** What of an answer is printed. */
export type Show = (body: unknown) => unknown

/** Prints these members of the answer alone; of a single one its value. */
export function only(...names: readonly string[]): Show {
  return (body) => {
    const members = Object.entries(z.record(z.string(), z.unknown()).parse(body)).filter(([name]) => names.includes(name))
    return names.length === 1 ? members[0]?.[1] : Object.fromEntries(members)
  }
}

/** Sends a request and prints it with its answer, or what `show` picks of it. Headers are not printed: they carry the secret. */
export async function exchange(screen: Screen, sent: Sent, show: Show = (body) => body): Promise<Answered> {
  const { pathname, search, host } = new URL(sent.url)
  screen.write(
    `${paint(screen, '33', `→ ${sent.method} ${pathname}${decodeURIComponent(search)}`)}  ${paint(screen, '2', host)}\n`,
  )
  if (sent.body !== undefined) screen.write(indent(sent.body))
  const response = await fetch(sent.url, {
    method: sent.method,
    headers: { ...sent.headers, ...(sent.body !== undefined && { 'content-type': 'application/json' }) },
    ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
  })
  const text = await response.text()
  const body: unknown = /json/.test(response.headers.get('content-type') ?? '') && text ? JSON.parse(text) : text
  screen.write(`${paint(screen, response.ok ? '32' : '31', `← ${response.status}`)}\n`)
  if (text) screen.write(indent(response.ok ? show(body) : body))
  return { status: response.status, body }
}

const indent = (value: unknown): string =>
  `${(typeof value === 'string' ? value : JSON.stringify(value, null, 2)).trimEnd().replaceAll(/^/gm, '    ')}\n`

const paint = (screen: Screen, code: string, text: string): string => (screen.colour ? `\u001B[${code}m${text}\u001B[0m` : text)
