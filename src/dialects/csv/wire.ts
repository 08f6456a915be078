/** A line of a list, with the place where it stands. */
export interface CsvRow {
  /** From 1. */
  readonly line: number
  readonly values: readonly string[]
}

/** What cannot be read, and where; never with what stands there. */
export class CsvError extends Error {
  override name = 'CsvError'
  readonly line: number
  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/**
 * Reads RFC 4180, with the separator that the first line has most of: comma, semicolon or tab. A byte order mark, lone line feeds and empty lines
 * are tolerated. Throws CsvError for a quote that is never closed, and for text right beside a quoted value.
 */
export function parseCsv(text: string): readonly CsvRow[] {
  const body = text.replace(/^\uFEFF/, '')
  const separator = separatorOf(body.split(/\r?\n/, 1)[0] ?? '')
  const rows: CsvRow[] = []
  let [at, line] = [0, 1]
  while (at < body.length) {
    const start = line
    const values: string[] = []
    for (;;) {
      const value = readValue(body, at, { separator, line })
      values.push(value.text)
      at = value.end
      line += value.lines
      if (body[at] !== separator) break
      at++
    }
    if (body[at] === '\r') at++
    if (body[at] === '\n') at++
    line++
    if (values.some((value) => value.trim() !== '')) rows.push({ line: start, values: values.map((value) => value.trim()) })
  }
  return rows
}

const separatorOf = (head: string): string => {
  const counts = [',', ';', '\t'].map((separator) => [separator, head.split(separator).length] as const)
  return counts.toSorted(([, a], [, b]) => b - a)[0]![0]
}

/** One value from a position, and how many lines it spans. */
function readValue(body: string, at: number, { separator, line }: { readonly separator: string; readonly line: number }) {
  if (body[at] !== '"') {
    let end = at
    while (end < body.length && body[end] !== separator && body[end] !== '\n' && !(body[end] === '\r' && body[end + 1] === '\n'))
      end++
    return { text: body.slice(at, end), end, lines: 0 }
  }
  const parts: string[] = []
  let from = at + 1
  for (;;) {
    const quote = body.indexOf('"', from)
    if (quote === -1) throw new CsvError(line, 'a quote is opened and never closed')
    parts.push(body.slice(from, quote))
    from = quote + 2
    if (body[quote + 1] === '"') continue
    const end = quote + 1
    const text = parts.join('"')
    if (end < body.length && ![separator, '\r', '\n'].includes(body[end] ?? ''))
      throw new CsvError(line, 'something stands beside a quoted value')
    return { text, end, lines: text.split('\n').length - 1 }
  }
}
