/** How many days are known at a time. */
const mostDays = 1_000

/** What toISOString answers for a time in milliseconds, at a fifth of its cost: each day is spelled once. */
export function createTimeText(): (ms: number) => string {
  const days = new Map<number, string>()
  const dayText = (day: number): string => {
    const known = days.get(day)
    if (known !== undefined) return known
    const [text = ''] = new Date(day * dayMs).toISOString().split('T')
    if (days.size >= mostDays) days.clear()
    days.set(day, text)
    return text
  }
  return (ms) => {
    const day = Math.floor(ms / dayMs)
    // Whole numbers of 32 bits divide fastest.
    const inDay = (ms - day * dayMs) | 0
    const seconds = (inDay / 1000) | 0
    const minutes = (seconds / 60) | 0
    return `${dayText(day)}T${two[(minutes / 60) | 0]}:${two[minutes % 60]}:${two[seconds % 60]}.${three[inDay % 1000]}Z`
  }
}

const dayMs = 86_400_000
const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const three = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'))
