import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { openHome, syncParts, type Home } from '../src/app.ts'
import type { Call } from '../src/directory/call.ts'
import { scopes } from '../src/directory/credential.ts'
import type { SyncParts } from '../src/sync/parts.ts'
import type { Vendor, VendorRole } from '../src/sync/vendor.ts'

/** What the processes of the benchmark of plans leave each other in the home. */
const Seeded = z.object({ organizationId: z.string(), connectionIds: z.array(z.string()), people: z.int() })
export type Seeded = z.output<typeof Seeded>

export const readSeeded = (folder: string): Seeded => Seeded.parse(JSON.parse(readFileSync(join(folder, 'seeded.json'), 'utf8')))
export const writeSeeded = (folder: string, seeded: Seeded): void =>
  writeFileSync(join(folder, 'seeded.json'), JSON.stringify(seeded))

/** A home on SQLite in the folder or, by URL, on PostgreSQL, whose vendor is never called: what it has is in the store. */
export async function openPlanHome(folder: string, database: string | undefined): Promise<{ home: Home; parts: SyncParts }> {
  const home = await openHome(folder, { DATABASE_URL: database })
  return { home, parts: { ...syncParts(home, { log: undefined }), connect: () => vendor } }
}

export const callOf = (organizationId: string): Call => ({
  organizationId,
  actor: 'system:bench',
  scopes: new Set(scopes),
  now: new Date(),
  requestId: 'bench',
  via: 'bench.plan',
})

export const vendorRoles: readonly VendorRole[] = ['Member', 'Agent', 'Supervisor', 'Billing', 'Admin'].map((name) => ({
  id: `role-${name.toLowerCase()}`,
  name,
}))

const never = () => {
  throw new TypeError('the benchmark calls no vendor')
}
const vendor: Vendor = {
  name: 'desk',
  capabilities: {
    create: true,
    update: true,
    suspend: false,
    remove: true,
    setRoles: true,
    invite: false,
    cancelInvitation: false,
    notes: [],
  },
  reader: { list: never, read: never, check: never, roles: async () => vendorRoles },
  writer: { create: never, update: never, remove: never },
}
