import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { usageError } from './failure.ts'

const Credentials = z.record(z.string(), z.json())
const Printed = z.looseObject({ vendor: z.string().optional(), credentials: Credentials.optional() })

/**
 * The vendor's credentials from a file: the bare object, what `organization create` printed (the vendor's key is taken), or the line of `twin`.
 * Never repeats the file's content in an error.
 */
export function readVendorFile(file: string, vendor: string): z.output<typeof Credentials> {
  if (vendor === 'csv') return readListFile(file)
  const printed = Printed.safeParse(parse(file))
  if (!printed.success)
    throw usageError(`${file} must hold a JSON object: the vendor's credentials as organization create or twin prints them.`)
  const { data } = printed
  if (data.credentials) {
    if (data.vendor !== undefined && data.vendor !== vendor)
      throw usageError(`${file} holds credentials for ${data.vendor}, not for ${vendor}. Check --vendor.`)
    return data.credentials
  }
  if ('organization' in data || vendor in data) {
    const own = Credentials.safeParse(data[vendor])
    if (own.success) return own.data
    throw usageError(`${file} has nothing for ${vendor}. Check --vendor.`)
  }
  return Credentials.parse(data)
}

/** A list stands for itself; around it may be JSON with the application's name. */
function readListFile(file: string): z.output<typeof Credentials> {
  const list = readFileSync(file, 'utf8')
  return list.trimStart().startsWith('{') ? Credentials.parse(parse(file)) : { list }
}

function parse(file: string): unknown {
  const text = readFileSync(file, 'utf8').trim()
  for (const candidate of [text, text.split('\n', 1)[0] ?? ''])
    try {
      return JSON.parse(candidate)
    } catch {
      continue
    }
  throw usageError(`${file} is not JSON. Save what organization create or twin printed with --json.`)
}

/**
 * The vendor's base URL: `--url`, else the file's. Where `--url` names nothing but the host that the file names too, the file's path holds:
 * the credentials know where below the host the API begins.
 */
export function vendorBaseUrl(url: string | undefined, credentials: z.output<typeof Credentials>): string {
  const own = typeof credentials['baseUrl'] === 'string' ? credentials['baseUrl'] : undefined
  if (url === undefined) {
    if (own !== undefined) return own
    throw usageError('Name the vendor’s base URL with --url: the credentials do not say it.')
  }
  const { origin, pathname } = new URL(url)
  return own !== undefined && pathname === '/' && URL.canParse(own) && new URL(own).origin === origin ? own : url
}
