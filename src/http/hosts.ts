import type { Dialect } from '../dialects/dialect.ts'

/** The host names of vendors under which their dialects answer, as in DNS or a client's Host header. */
export interface Hosts {
  /**
   * The path under which a request is routed. Under a vendor's host the vendor's base path stands for the dialect's, and every other path leads
   * nowhere in that dialect: no other API can be reached there. Elsewhere a path that a dialect has at the root leads to that dialect.
   */
  readonly route: (host: string | undefined, url: string) => string
  /** The base of a dialect's links as this caller reaches it, without a trailing slash: just the base path where the Host header is no host. */
  readonly linkBase: (dialect: Dialect, reached: Reached) => string
}

/** How a caller reached the server. */
export interface Reached {
  readonly protocol: string
  readonly host: string | undefined
}

interface Face {
  readonly vendorPath: string
  readonly basePath: string
}

export function createHosts(dialects: readonly Dialect[], publicUrl: string | undefined): Hosts {
  const faces = new Map<string, Face[]>()
  for (const dialect of dialects)
    for (const [host, vendorPath] of Object.entries(dialect.hosts))
      faces.set(host.toLowerCase(), [...(faces.get(host.toLowerCase()) ?? []), { vendorPath, basePath: dialect.basePath }])
  for (const list of faces.values()) list.sort((a, b) => b.vendorPath.length - a.vendorPath.length)

  const rootPaths = dialects.flatMap(({ basePath, rootPaths: paths = [] }) => paths.map((path) => ({ path, basePath })))
  const folding = dialects.filter(({ slashes }) => slashes === 'folded')
  const routeHere = (url: string): string => {
    for (const { path, basePath } of rootPaths) if (isAt(url, path)) return basePath + url
    return folding.some((dialect) => isBelow(url, dialect.basePath)) ? folded(url) : url
  }

  const baseAt = (dialect: Dialect, { protocol, host }: Reached): string => {
    const isHost = host !== undefined && /^(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?$/.test(host)
    const face = isHost ? faces.get(hostName(host))?.find(({ basePath }) => basePath === dialect.basePath) : undefined
    if (face) return `${publicUrl?.startsWith('https:') ? 'https' : protocol}://${host}${face.vendorPath}`
    if (publicUrl !== undefined) return publicUrl + dialect.basePath
    return isHost ? `${protocol}://${host}${dialect.basePath}` : dialect.basePath
  }
  // Most requests come as the one before did.
  let routed = { host: '', list: faces.get('') }
  let linked: (Reached & { readonly dialect: Dialect; readonly base: string }) | undefined

  return {
    route: (host, url) => {
      if (host !== undefined && host !== routed.host) routed = { host, list: faces.get(hostName(host)) }
      const list = host === undefined ? undefined : routed.list
      if (!list) return routeHere(url)
      const face = list.find(({ vendorPath }) => isBelow(url, vendorPath))
      return face ? face.basePath + url.slice(face.vendorPath.length) : `${list[0]!.basePath}/.outside${url}`
    },
    linkBase: (dialect, { protocol, host }) => {
      if (linked?.dialect !== dialect || linked.protocol !== protocol || linked.host !== host)
        linked = { dialect, protocol, host, base: baseAt(dialect, { protocol, host }) }
      return linked.base
    },
  }
}

/** The URL without doubled slashes, and without one at the end of its path. */
function folded(url: string): string {
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  if (!path.includes('//') && !path.endsWith('/')) return url
  return path.replace(/\/{2,}/g, '/').replace(/\/$/, '') + url.slice(path.length)
}

/** In lower case, without the port. */
const hostName = (host: string): string => host.toLowerCase().replace(/:[0-9]*$/, '')

const isAt = (url: string, path: string): boolean =>
  url.startsWith(path) && (url.length === path.length || url[path.length] === '?')

/** Whether a path with its query lies at or below a base path. */
export function isBelow(url: string, basePath: string): boolean {
  if (!url.startsWith(basePath)) return false
  const next = url[basePath.length]
  return next === undefined || next === '/' || next === '?'
}
