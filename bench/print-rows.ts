import type { Row } from './compare.ts'

/** One line for each operation, subject and number of people; then those that are below their target. */
export function printRows(rows: readonly Row[], say: (line: string) => void): void {
  const lines = Map.groupBy(
    rows,
    ({ name, people, subject, perSecond }) =>
      `${name.padEnd(6)} ${String(people).padStart(7)} people  ${subject}: ${perSecond}/s`,
  )
  for (const [line, compared] of lines)
    say(
      `${line.padEnd(54)} ${compared.map(({ ratio, ratioTo, otherPerSecond }) => `${ratio.toFixed(2)} of ${ratioTo} (${otherPerSecond}/s)`).join(', ')}`,
    )
  const aimed = rows.filter(({ target }) => target !== undefined)
  const missed = aimed.filter(({ ratio, target }) => !(ratio >= (target ?? 0)))
  say(`${aimed.length - missed.length} of ${aimed.length} ratios reach their target`)
  for (const { name, people, subject, ratio, ratioTo, target } of missed)
    say(`below: ${name} at ${people} people, ${subject}: ${ratio.toFixed(2)} of ${ratioTo}, not ${target}`)
}
