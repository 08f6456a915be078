import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { openHub, type Hub } from '../../src/app.ts'
import { createClient, type Client } from '../../src/dialects/native/connect.ts'
import { sinch } from '../../src/dialects/sinch/dialect.ts'
import { createTwin, type Twin } from '../../src/twin/create.ts'
import { startTraffic } from './traffic.ts'

const Vendor = z.looseObject({ baseUrl: z.string(), projectId: z.string(), keyId: z.string(), keySecret: z.string() })

export interface RotateOptions {
  /** An empty folder. */
  readonly folder: string
  readonly rotations: number
  readonly perSecond: number
  readonly clients: number
  readonly quietSeconds: number
  readonly say: (line: string) => void
}

export interface RotateReport {
  readonly rotations: number
  readonly done: number
  readonly requests: number
  /** What the services were answered in place of 200, by status, or why they had no answer. */
  readonly failures: Readonly<Record<string, number>>
  /** What the vendor refused as unproven or not allowed, whoever asked: the services or Rollcall itself. */
  readonly refusedByVendor: number
  readonly mostKeys: number
  readonly keysLeft: number
  readonly seconds: number
}

/** Rotates the one key of a Sinch project again and again while services call with it, and counts what is refused. */
export async function rotateUnderTraffic(options: RotateOptions): Promise<RotateReport> {
  const { folder, rotations, say } = options
  const started = performance.now()
  const twin = await createTwin({ dialect: sinch, home: join(folder, 'twin'), people: 5, seed: 1, clock: () => new Date() })
  let refusedByVendor = 0
  twin.app.addHook('onResponse', async (_request, reply) => {
    if (reply.statusCode === 401 || reply.statusCode === 403) refusedByVendor++
  })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  const { hub, owner, connectionId, keyFile, vendor } = await connect(twin, folder)
  let traffic: ReturnType<typeof startTraffic> | undefined
  try {
    const { perSecond, clients, quietSeconds } = options
    traffic = startTraffic({ baseUrl: vendor.baseUrl, projectId: vendor.projectId, keyFile, perSecond, clients })
    await traffic.usedByAll(vendor.keyId)
    let done = 0
    let mostKeys = 0
    for (let index = 0; index < rotations; index++) {
      const { id } = await owner.startRotation({ connectionId, body: { handOut: 'services', quietSeconds } })
      const handed = await reach(owner, id, 'handedOut')
      mostKeys = Math.max(mostKeys, (await owner.listKeys({ connectionId })).items.length)
      await traffic.usedByAll(handed.newKeyId ?? '')
      await owner.confirmRotation({ rotationId: id })
      await reach(owner, id, 'done')
      done++
      if (done % 10 === 0) say(`${done} rotations, ${traffic.requests()} requests, ${JSON.stringify(traffic.failures())}`)
    }
    await traffic.stop()
    return {
      rotations,
      done,
      requests: traffic.requests(),
      failures: traffic.failures(),
      refusedByVendor,
      mostKeys,
      keysLeft: (await owner.listKeys({ connectionId })).items.length,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    }
  } finally {
    await traffic?.stop()
    await hub.close()
    await twin.close()
  }
}

type Rotation = Awaited<ReturnType<Client['readRotation']>>

/** Throws when the rotation ends in another state. */
async function reach(owner: Client, rotationId: string, state: Rotation['state']): Promise<Rotation> {
  for (;;) {
    const rotation = await owner.readRotation({ rotationId })
    if (rotation.state === state) return rotation
    if (rotation.state === 'failed' || rotation.state === 'aborted') throw new Error(`${rotation.state}: ${rotation.reason}`)
    await wait(10)
  }
}

/** A hub with a connection to the twin, and the file that its services read the key from. The hub starts twice: its settings name the connection. */
async function connect(twin: Twin, folder: string) {
  const home = join(folder, 'hub')
  const vendor = Vendor.parse(twin.credentials)
  const keyFile = join(folder, 'services.json')
  writeFileSync(keyFile, JSON.stringify({ key: { id: vendor.keyId, secret: vendor.keySecret } }), { mode: 0o600 })
  const first = await open(home)
  const access = await first.home.createOrganization(
    { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] },
    first.url,
  )
  const key = access['native']?.['key'] ?? ''
  const { id: connectionId } = await clientOf(first, key).createConnection({
    body: {
      name: 'sinch',
      vendor: 'sinch',
      baseUrl: vendor.baseUrl,
      credentials: z.record(z.string(), z.json()).parse(vendor),
      assignments: [],
    },
  })
  await clientOf(first, key).changeConnection({ connectionId, body: { writesEnabled: true } })
  await first.close()
  const handOuts = { services: { kind: 'file', path: keyFile, connections: [connectionId] } }
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ handOuts }))
  const hub = await open(home)
  return { hub, owner: clientOf(hub, key), connectionId, keyFile, vendor }
}

const open = (home: string): Promise<Hub> => openHub({ home, environment: {}, host: '127.0.0.1', port: 0, log: undefined })

const clientOf = (hub: Hub, key: string): Client =>
  createClient({
    url: hub.url,
    key,
    fetch,
    sleep: async (ms) => wait(ms),
    random: Math.random,
    newKey: randomUUID,
    timeoutMs: 30_000,
  })
