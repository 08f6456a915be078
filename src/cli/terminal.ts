/** Where text goes; process.stdout is one. */
export interface Stream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  on?(event: 'error', listener: (error: Error & { readonly code?: string }) => void): unknown
}

export interface Streams {
  readonly stdout: Stream
  readonly stderr: Stream
}

/** What a command says, and where: data on stdout, talk on stderr. */
export interface Terminal {
  /** Data, as it is. */
  readonly data: (text: string) => void
  /** One JSON document on a line of its own. */
  readonly json: (value: unknown) => void
  /** A sentence for whoever watches. */
  readonly say: (text: string) => void
  /** Shows on a terminal, while `work` runs, what is being waited for; says nothing anywhere else. */
  readonly during: <T>(what: string, work: Promise<T>) => Promise<T>
  readonly strong: (text: string) => string
}

export function createTerminal({ stdout, stderr }: Streams, environment: { readonly NO_COLOR?: string | undefined }): Terminal {
  const colour = Boolean(stdout.isTTY) && !environment.NO_COLOR
  return {
    data: (text) => void stdout.write(text),
    json: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    say: (text) => void stderr.write(`${text}\n`),
    during: async (what, work) => {
      if (!stderr.isTTY) return work
      stderr.write(`${what} …`)
      try {
        return await work
      } finally {
        stderr.write('\r\u001B[2K')
      }
    },
    strong: (text) => (colour ? `\u001B[1m${text}\u001B[22m` : text),
  }
}

/** Rows under headings, in columns as wide as their widest cell. Control characters are shown, not sent to the terminal. */
export function table(
  terminal: Pick<Terminal, 'strong'>,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [headings, ...rows].map((row) => row.map(printable))
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const [first = '', ...rest] = lines
  return [terminal.strong(first), ...rest].map((line) => `${line}\n`).join('')
}

/** Text from elsewhere, safe to print: what would steer a terminal is spelled out. */
export const printable = (text: string): string => text.replace(steering, spelled)
/** The same for text of several lines, whose breaks are kept. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')

/** Control characters, line and paragraph separators, and what turns the direction of writing. */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu

const spelled = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
