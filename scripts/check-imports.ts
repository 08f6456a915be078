// Which folder may import which: the table of docs/architecture.md. What is not listed is forbidden; a folder may import itself.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** What a dialect may take of the SCIM engine: to serve a face of it, and to call a vendor's. */
const scimFace = ['dialects/scim/face', 'dialects/scim/ids', 'dialects/scim/errors', 'dialects/scim/credentials']
const scimCaller = ['dialects/scim/connect', 'dialects/scim/wire']

/** Area (see areaOf) to what it may import: areas or, ending in a slash, everything below. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'directory/': [],
  'wire/': [],
  'store/': [
    'directory/',
    'sync/access/ledger',
    'sync/access/row',
    'sync/ledger',
    'sync/configuration/configuration',
    'sync/connection',
    'sync/finding',
    'sync/keys/ledger',
    'sync/keys/rotation',
    'sync/link',
    'sync/pair',
    'sync/question',
    'sync/reviews/ledger',
    'sync/reviews/review',
    'sync/vendor',
  ],
  'sync/': ['directory/'],
  'dialects/dialect': ['directory/', 'wire/', 'sync/'],
  'dialects/index': ['dialects/', 'sync/vendor'],
  'dialects/*/wire': ['wire/'],
  'dialects/*/translate': ['directory/', 'sync/vendor', 'wire/operation'],
  'dialects/*/connect': ['directory/', 'wire/', 'sync/vendor', 'dialects/dialect', 'dialects/withdraw', ...scimCaller],
  'dialects/withdraw': ['sync/vendor', 'wire/'],
  'dialects/settings': ['directory/'],
  'dialects/*': ['directory/', 'wire/', 'dialects/dialect', 'dialects/settings', ...scimFace],
  'dialects/native/*': ['directory/', 'wire/', 'sync/', 'dialects/dialect'],
  'http/': ['directory/', 'wire/', 'sync/engine', 'dialects/dialect'],
  'outbox/': ['directory/', 'sync/keys/hand-out'],
  'twin/': ['directory/', 'wire/', 'http/', 'store/', 'dialects/dialect', 'dialects/index'],
  'mcp/': ['dialects/native/'],
  // A client of what it checks: rules and names, no port, no store, no server.
  'config/': [
    'directory/',
    'dialects/index',
    'dialects/native/wire/',
    'sync/absence',
    'sync/check-connection',
    'sync/configuration/',
    'sync/connection',
    'sync/observe',
    'sync/policy',
    'sync/quarantine/health',
  ],
  'cli/': ['dialects/native/', 'mcp/', 'config/'],
  'cli/home': [
    'dialects/native/',
    'directory/',
    'store/',
    'sync/',
    'twin/',
    'outbox/',
    'dialects/index',
    'app',
    'config',
    'http/log',
  ],
  app: ['app/'],
  'app/': ['config/', 'directory/', 'wire/', 'store/', 'sync/', 'http/', 'outbox/', 'twin/', 'dialects/', 'config'],
  config: ['directory/'],
}

/** Commands that work on a home folder, or start a server, and so reach further than the API's client. */
const homeCommands = new Set([
  'home',
  'installation',
  'serve',
  'twin',
  'demo',
  'organization',
  'mail',
  'explain',
  'verify',
  'backup',
  'restore',
  'migrate',
])

const root = resolve(process.argv[2] ?? 'src')
const faults: string[] = []
let read = 0
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue
  const file = relative(root, join(entry.parentPath, entry.name))
  read++
  for (const [, specifier] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const target = relative(root, resolve(root, dirname(file), specifier ?? ''))
    if (!mayImport(file, target)) faults.push(`src/${file} must not import src/${target}`)
  }
}
for (const fault of faults) console.log(fault)
console.log(`${read} files, ${faults.length} forbidden imports`)
process.exitCode = faults.length > 0 || read === 0 ? 1 : 0

function mayImport(file: string, target: string): boolean {
  if (ownFolder(file) === ownFolder(target)) {
    // Calling a vendor never rests on serving it.
    return !(areaOf(file) === 'dialects/*/connect' && /\/serve(\.ts|\/)/.test(target))
  }
  return allowed[areaOf(file)]!.some((entry) => (entry.endsWith('/') ? target.startsWith(entry) : target === `${entry}.ts`))
}

/** The folder whose files may import each other: `sync`, or `dialects/bandwidth`. */
function ownFolder(file: string): string {
  const parts = file.split('/')
  if (parts.length === 1) return file
  return parts[0] === 'dialects' && parts.length > 2 ? `dialects/${parts[1]}` : parts[0] === 'dialects' ? file : parts[0]!
}

function areaOf(file: string): string {
  const [top, second = '', third = ''] = file.replace(/\.ts$/, '').split('/')
  if (top === 'cli' && homeCommands.has(second)) return 'cli/home'
  if (top !== 'dialects') return second ? `${top}/` : top!
  if (!third) return `dialects/${second}`
  const part = third.split('-')[0]!
  if (['wire', 'translate', 'connect'].includes(part)) return `dialects/*/${part}`
  return second === 'native' ? 'dialects/native/*' : 'dialects/*'
}
