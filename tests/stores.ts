import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import type { CreateDatabase } from './conformance/store/bench.ts'
import { createTestDatabase, onServer } from './postgres.ts'

/** An empty database of each kind. */
export const stores: Readonly<Record<string, CreateDatabase>> = {
  SQLite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
    const location = join(folder, 'rollcall.db')
    return {
      location,
      execute: async (text) => {
        const db = new DatabaseSync(location, { timeout: 5_000 })
        try {
          return db.prepare(text).all()
        } finally {
          db.close()
          // As it is between processes: what another one commits, a turn that began before does not see.
          await nextTurn()
        }
      },
      drop: async () => rmSync(folder, { recursive: true, force: true }),
    }
  },
  PostgreSQL: async () => {
    const { url, drop } = await createTestDatabase()
    return { location: url, execute: (text) => onServer(url, text), drop }
  },
}
