export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** As a code span, in which nothing means anything and nobody is mentioned. */
export function code(text: string): string {
  const line = oneLine(text)
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const space = line.startsWith('`') || line.endsWith('`') || line.trim() === '' ? ' ' : ''
  return `${fence}${space}${line}${space}${fence}`
}

/** As text: what Markdown or HTML would read is escaped, and an @ mentions nobody. */
export const plain = (text: string): string =>
  oneLine(text)
    .replaceAll(/[\\`*_{}[\]<>#|~&!]/g, (sign) => `\\${sign}`)
    .replaceAll(/(^|\W)@/g, '$1\\@')

/** In a table, a bar would end the cell. */
export const cell = (text: string): string => text.replaceAll(/(?<!\\)\|/g, '\\|')
