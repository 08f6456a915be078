import { BlockList, isIP } from 'node:net'
import { ConfigError } from './errors.ts'

/**
 * Where requests to addresses that a customer names may go: to public addresses over https. What the operator allows beside that may be private and
 * spoken to in clear. Both answers are a sentence that says what to do, or undefined where the request may go.
 */
export interface Outbound {
  /** What can be told from the URL alone, before its name is looked up. */
  refusalOfUrl(url: URL): string | undefined
  /** For an address that the URL's name leads to, as it is going to be connected to. */
  refusalOfAddress(url: URL, address: string): string | undefined
}

/** Special-purpose IPv4 (IANA registry, RFC 6890 and its successors), and Azure's wire server, which answers on a public address. */
const closed4 = ranges('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])
/** Of IPv6 only global unicast is public, without the parts that lead elsewhere: protocol assignments with Teredo, documentation, 6to4. */
const open6 = ranges('ipv6', ['2000::/3'])
const closed6 = ranges('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

/** Whether the address is one that everybody on the Internet can reach. IPv4 in any IPv6 dress (mapped, NAT64, 6to4) is not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !closed4.check(address, 'ipv4')
  return isIP(address) === 6 && !address.includes('%') && open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6')
}

/** `allow` lists addresses, ranges (`10.1.0.0/16`), host names and `*.example.com`. Throws ConfigError for anything else. */
export function createOutbound(allow: readonly string[]): Outbound {
  const allowed = { ipv4: new BlockList(), ipv6: new BlockList() }
  const names = new Set<string>()
  for (const entry of allow) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address)
    if (family !== 0) addRange(family === 4 ? allowed.ipv4 : allowed.ipv6, entry)
    else if (bits === undefined && /^(\*\.)?[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(entry)) names.add(entry.toLowerCase())
    else
      throw new ConfigError(
        `"${entry}" cannot be allowed. Give an address, a range such as 10.1.0.0/16, a host name, or *.example.com under "outbound" in settings.json.`,
      )
  }
  const isNamed = (host: string) => {
    const parts = host.split('.')
    return names.has(host) || parts.some((_, index) => index > 0 && names.has(`*.${parts.slice(index).join('.')}`))
  }
  const isAllowed = (address: string) => {
    const family = isIP(address)
    return family === 4 ? allowed.ipv4.check(address, 'ipv4') : family === 6 && allowed.ipv6.check(address, 'ipv6')
  }
  const refusalOfAddress = (url: URL, address: string) => {
    const host = hostOf(url)
    if (isNamed(host) || isAllowed(address)) return undefined
    if (url.protocol !== 'https:') return `Requests to ${host} must go over https.`
    if (isPublicAddress(address)) return undefined
    return `${host === address ? host : `${host} (${address})`} is not a public address. Only the operator can allow it, under "outbound" in settings.json.`
  }
  return {
    refusalOfAddress,
    refusalOfUrl: (url) => {
      if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The URL must start with https://.'
      if (url.username || url.password) return 'The URL must not carry a user name or a password.'
      const host = hostOf(url)
      if (isIP(host) !== 0) return refusalOfAddress(url, host)
      if (url.protocol === 'http:' && allow.length === 0) return 'The URL must start with https://.'
      return undefined
    },
  }
}

/** The host as it is looked up: without the brackets of an IPv6 address and the dot of a name that ends in one. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')

function ranges(family: 'ipv4' | 'ipv6', list: readonly string[]): BlockList {
  const block = new BlockList()
  for (const range of list) addRange(block, range, family)
  return block
}

function addRange(
  block: BlockList,
  range: string,
  family: 'ipv4' | 'ipv6' = isIP(range.split('/', 1)[0]!) === 4 ? 'ipv4' : 'ipv6',
) {
  const longest = family === 'ipv4' ? 32 : 128
  const [address = '', bits = String(longest)] = range.split('/')
  const prefix = /^[0-9]{1,3}$/.test(bits) ? Number(bits) : NaN
  if (!(prefix >= 0 && prefix <= longest)) throw new ConfigError(`"${range}" is no range of addresses, such as 10.1.0.0/16.`)
  block.addSubnet(address, prefix, family)
}
