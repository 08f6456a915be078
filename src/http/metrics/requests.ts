import type { Family } from './exposition.ts'

/** How many requests this process has answered, by dialect and class of status: as many series as there are dialects, times five. */
export interface RequestCounts {
  /** `dialect` is undefined for what lies outside of every one. */
  count(dialect: string | undefined, status: number): void
  families(): readonly Family[]
}

export function createRequestCounts(): RequestCounts {
  const counts = new Map<string, { readonly dialect: string; readonly status: string; value: number }>()
  return {
    count: (dialect = 'none', status) => {
      const of = `${Math.floor(status / 100)}xx`
      const key = `${dialect} ${of}`
      const known = counts.get(key)
      if (known) known.value++
      else counts.set(key, { dialect, status: of, value: 1 })
    },
    families: () => [
      {
        name: 'rollcall_requests_total',
        help: 'Requests that this process answered, by dialect and class of status.',
        type: 'counter',
        samples: [...counts.values()].map(({ dialect, status, value }) => ({ labels: { dialect, status }, value })),
      },
    ],
  }
}
