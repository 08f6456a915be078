/** A row of a CSV document (RFC 4180), with its line end. What a spreadsheet would take for a formula is text: it gets an apostrophe before it. */
export const csvRow = (cells: readonly (string | undefined)[]): string => `${cells.map(cellOf).join(',')}\r\n`

function cellOf(value = ''): string {
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
