import type { Family } from './exposition.ts'

/** How many requests this process has answered, by dialect and class of status: as many series as there are dialects, times five. */
export interface RequestCounts {
  /** `dialect` is undefined for what lies outside of every one. */
  count(dialect: string | undefined, status: number): void
  families(): readonly Family[]
}

export function createRequestCounts(): RequestCounts {
  /** By dialect, and by the first digit of the status. */
  const counts = new Map<string, number[]>()
  return {
    count: (dialect = 'none', status) => {
      const own = counts.get(dialect) ?? Array.from({ length: 6 }, () => 0)
      own[Math.floor(status / 100)]! += 1
      counts.set(dialect, own)
    },
    families: () => [
      {
        name: 'rollcall_requests_total',
        help: 'Requests that this process answered, by dialect and class of status.',
        type: 'counter',
        samples: [...counts].flatMap(([dialect, own]) =>
          own.flatMap((value, digit) => (value > 0 ? [{ labels: { dialect, status: `${digit}xx` }, value }] : [])),
        ),
      },
    ],
  }
}
