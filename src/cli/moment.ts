import { usageError } from './failure.ts'

/** What an option says as a time; a day alone means its end in UTC. */
export const momentOf =
  (option: string) =>
  (text: string): Date => {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(text)
    const moment = new Date(day ? `${text}T23:59:59.999Z` : text)
    if ((day || /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text)) && !Number.isNaN(moment.getTime())) return moment
    throw usageError(`${option} must be a day such as 2026-03-31 or a time such as 2026-03-31T12:00:00Z, not "${text}".`)
  }
