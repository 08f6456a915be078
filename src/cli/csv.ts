import { writeWhole } from './output-file.ts'

/** A row of a CSV document (RFC 4180), with its line end. What a spreadsheet would take for a formula is text: it gets an apostrophe before it. */
const csvRow = (cells: readonly (string | undefined)[]): string => `${cells.map(cellOf).join(',')}\r\n`

function cellOf(value = ''): string {
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Writes a table under its headings, row by row, whole or not at all; answers how many rows it has. */
export async function writeCsv(
  path: string,
  headings: readonly string[],
  rows: AsyncIterable<readonly (string | undefined)[]>,
): Promise<number> {
  let count = 0
  await writeWhole(path, async (add) => {
    await add(csvRow(headings))
    for await (const cells of rows) {
      await add(csvRow(cells))
      count++
    }
  })
  return count
}
