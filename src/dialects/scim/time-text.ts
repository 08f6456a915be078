/** What toISOString answers, at a fifth of its cost. */
export function timeText(date: Date): string {
  const ms = date.getTime()
  const day = Math.floor(ms / dayMs)
  const inDay = ms - day * dayMs
  // The days of a year are counted from the first of March, so that a leap day is the last (Hinnant, chrono-compatible low-level date algorithms).
  const ofEra = day + 719_468
  const era = Math.floor(ofEra / 146_097)
  const dayOfEra = ofEra - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  if (!(year >= 1000 && year <= 9999)) return date.toISOString()
  const dayOfMonth = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1
  const seconds = Math.floor(inDay / 1000)
  return `${year}-${two[month]}-${two[dayOfMonth]}T${two[Math.floor(seconds / 3600)]}:${two[Math.floor(seconds / 60) % 60]}:${two[seconds % 60]}.${three(inDay % 1000)}Z`
}

const dayMs = 86_400_000
const two = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
const three = (number: number): string => `${Math.floor(number / 100)}${two[number % 100]}`
