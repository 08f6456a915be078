import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readSeeded } from './plan-home.ts'
import { fullJoin, openTables } from './plan-tables.ts'

// Reads the full join of directory, links and accounts of every connection, row by row, and does nothing with it.

const { values } = parseArgs({ options: { home: { type: 'string' }, database: { type: 'string' } } })
const folder = values.home ?? ''
const { organizationId, connectionIds } = readSeeded(folder)
const tables = await openTables(values.database ?? join(folder, 'rollcall.db'))
const started = performance.now()
let rows = 0
for (const connectionId of connectionIds) rows += await tables.readAll(fullJoin({ organizationId, connectionId }))
const seconds = (performance.now() - started) / 1000
await tables.close()
process.stdout.write(`${JSON.stringify({ event: 'ready', seconds, rows })}\n`)
