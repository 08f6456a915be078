import assert from 'node:assert/strict'
import { createServer, connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { createTestDatabase, onServer } from '../../../tests/postgres.ts'
import { ConfigError, DirectoryError } from '../../directory/errors.ts'
import { openStore, type OpenStore } from '../open.ts'

const sealer = { seal: (text: string) => text, open: (text: string) => text }
const at = new Date('2026-03-01T00:00:00.000Z')
const unavailable = (error: unknown) => error instanceof DirectoryError && error.refusal === 'unavailable'

let database: Awaited<ReturnType<typeof createTestDatabase>>
before(async () => {
  database = await createTestDatabase()
})
after(async () => database.drop())

const organizationOf = (id: string) =>
  ({ id, name: 'O', plan: 'free', sso: 'none', emailDomains: [], createdAt: at, updatedAt: at }) as const
const credential = {
  organizationId: 'shared',
  kind: 'bearer',
  name: 'C',
  secretHash: '0'.repeat(64),
  scopes: ['read'],
  createdAt: at,
  expiresAt: undefined,
  lastUsedAt: undefined,
  revokedAt: undefined,
} as const
const put = ({ store }: OpenStore, id: string) => store.write(id, (tx) => tx.putOrganization(organizationOf(id)))
const get = ({ store }: OpenStore, id: string) => store.read((reader) => reader.organization(id))
const endConnections = () =>
  onServer(
    database.url,
    'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
  )

/** The database through a wire that can be cut: `cut` names when, by what the client is sending. */
async function openWire(t: { after(work: () => Promise<void>): void }) {
  const { hostname, port } = new URL(database.url)
  const sockets = new Set<Socket>()
  let cut: 'never' | 'beforeCommit' | 'afterCommit' = 'never'
  let commits = 0
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) sockets.add(socket.on('error', end).on('close', end))
    client.on('data', (bytes) => {
      const isCommit = bytes.includes('commit\0')
      if (isCommit) commits++
      if (isCommit && cut === 'beforeCommit') return end()
      if (isCommit && cut === 'afterCommit') {
        upstream.removeAllListeners('data')
        upstream.on('data', end)
        cut = 'never'
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => client.write(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const opened = await openStore({
    database: Object.assign(new URL(database.url), { host: `127.0.0.1:${address.port}` }).href,
    sealer,
  })
  t.after(async () => {
    await opened.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { opened, cutNext: (when: typeof cut) => void (cut = when), commits: () => commits }
}

test('connections that the server ends while nobody uses them are replaced', async () => {
  const opened = await openStore({ database: database.url, sealer })
  await put(opened, 'idle')
  await endConnections()
  const attempts = await Promise.allSettled(Array.from({ length: 3 }, () => get(opened, 'idle')))
  for (const attempt of attempts)
    if (attempt.status === 'rejected') assert.ok(unavailable(attempt.reason), String(attempt.reason))
  assert.equal((await get(opened, 'idle'))?.name, 'O')
  await opened.check()
  await opened.close()
})

test('a transaction whose connection ends is refused as unavailable and leaves nothing behind', async () => {
  const opened = await openStore({ database: database.url, sealer })
  const broken = opened.store.write('broken', async (tx) => {
    await tx.putOrganization(organizationOf('broken'))
    await endConnections()
    await tx.putOrganization(organizationOf('broken'))
  })
  await assert.rejects(broken, unavailable)
  assert.equal(await get(opened, 'broken').catch(() => get(opened, 'broken')), undefined)
  await put(opened, 'broken')
  await opened.close()
})

test('a commit whose answer is lost is looked up, and counts', async (t) => {
  const { opened, cutNext } = await openWire(t)
  cutNext('afterCommit')
  await put(opened, 'answer lost')
  assert.equal((await get(opened, 'answer lost'))?.name, 'O')
})

test('a commit that never arrived is refused as unavailable, and nothing of it remains', async (t) => {
  const { opened, cutNext } = await openWire(t)
  cutNext('beforeCommit')
  await assert.rejects(put(opened, 'commit lost'), unavailable)
  cutNext('never')
  assert.equal(await get(opened, 'commit lost'), undefined)
  await put(opened, 'commit lost')
})

test('works on one organization that wait at the same time share a commit, and what fails among them is taken back alone', async (t) => {
  const { opened, commits } = await openWire(t)
  await put(opened, 'shared')
  const before = commits()
  const settled = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) =>
      opened.store.write('shared', async (tx) => {
        await tx.putWorkspace({ organizationId: 'shared', id: `w${index}`, name: `W${index}`, createdAt: at })
        if (index % 3 === 0) throw new Error('stop')
        // The second of two of one name fails in the database itself.
        if (index % 3 === 1) await tx.putCredential({ ...credential, id: `c${index}`, identifier: `i${Math.floor(index / 6)}` })
      }),
    ),
  )
  assert.ok(commits() - before < 10)
  const kept = await opened.store.read((reader) => reader.workspaces('shared'))
  assert.deepEqual(
    kept.map(({ id }) => id).toSorted(),
    settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [`w${index}`] : [])).toSorted(),
  )
  assert.equal(kept.length, 15)
})

test('a commit that was lost takes all along that shared it, and none of them remains', async (t) => {
  const { opened, cutNext } = await openWire(t)
  cutNext('beforeCommit')
  const works = Array.from({ length: 5 }, (_, index) =>
    opened.store.write('lost together', (tx) =>
      tx.putWorkspace({ organizationId: 'lost together', id: `w${index}`, name: `W${index}`, createdAt: at }),
    ),
  )
  for (const work of works) await assert.rejects(work, unavailable)
  cutNext('never')
  assert.deepEqual(await opened.store.read((reader) => reader.workspaces('lost together')), [])
})

test('a server that does not answer is unavailable; a wrong password, database or URL is a mistake in the settings, told without the password', async () => {
  const url = (over: Partial<URL>) => Object.assign(new URL(database.url), over).href
  await assert.rejects(openStore({ database: url({ port: '1' }), sealer }), unavailable)
  for (const wrong of [url({ password: 'not-the-secret' }), url({ pathname: '/nowhere' }), 'postgres://:::not a url'])
    await assert.rejects(
      openStore({ database: wrong, sealer }),
      (error) => error instanceof ConfigError && !error.message.includes('not-the-secret'),
    )
})

test('fifty who write to one organization leave connections to those who read and to those who write elsewhere', async () => {
  const opened = await openStore({ database: database.url, sealer })
  const entered = Promise.withResolvers<void>()
  const leave = Promise.withResolvers<void>()
  const first = opened.store.write('crowded', async () => {
    entered.resolve()
    await leave.promise
  })
  await entered.promise
  const crowd = Array.from({ length: 50 }, () => put(opened, 'crowded'))
  assert.equal(await get(opened, 'crowded'), undefined)
  await put(opened, 'elsewhere')
  leave.resolve()
  await Promise.all([first, ...crowd])
  await opened.close()
})

test('a backup is left to pg_dump', async () => {
  const opened = await openStore({ database: database.url, sealer })
  await assert.rejects(opened.backup('/nowhere'), (error) => error instanceof ConfigError && error.message.includes('pg_dump'))
  await opened.close()
})
