import type { Configuration, ConnectionEntry, NamedPolicy } from './configuration.ts'

export type PolicySetting = keyof NamedPolicy

/** The part of a configuration that policies stand in. */
export interface Policies extends Pick<Configuration, 'defaults' | 'vendors'> {
  readonly connections?: Readonly<Record<string, Pick<ConnectionEntry, 'vendor' | 'policy'>>>
}

/** What a configuration names of a connection's policy: the nearest that names a setting wins; maps are laid over each other entry by entry, and protected accounts add up. */
export const policyNamed = (configuration: Policies, name: string): NamedPolicy =>
  layersOf(configuration, name).reduce<NamedPolicy>((below, { policy }) => lay(below, policy), {})

/** Where a setting of the policy is named: paths of the configuration, from the farthest to the nearest; nothing for one that is not named. */
export function sourcesOf(configuration: Policies, name: string, setting: PolicySetting): readonly string[] {
  const paths = layersOf(configuration, name).flatMap(({ path, policy }) =>
    policy[setting] === undefined ? [] : [`${path}.${setting}`],
  )
  return joined.some((each) => each === setting) ? paths : paths.slice(-1)
}

const joined = ['roleMap', 'attributeOwners', 'findings', 'protectedAccounts'] as const satisfies readonly PolicySetting[]

function layersOf(
  { defaults, vendors = {}, connections = {} }: Policies,
  name: string,
): readonly { readonly path: string; readonly policy: NamedPolicy }[] {
  const connection = Object.hasOwn(connections, name) ? connections[name] : undefined
  if (!connection) return []
  const { vendor, policy } = connection
  const ofVendor = Object.hasOwn(vendors, vendor) ? vendors[vendor] : undefined
  return [
    ...(defaults ? [{ path: 'defaults', policy: defaults }] : []),
    ...(ofVendor ? [{ path: `vendors.${vendor}`, policy: ofVendor }] : []),
    ...(policy ? [{ path: `connections.${name}.policy`, policy }] : []),
  ]
}

const lay = (below: NamedPolicy, above: NamedPolicy): NamedPolicy => ({
  ...below,
  ...above,
  ...(below.roleMap && above.roleMap && { roleMap: { ...below.roleMap, ...above.roleMap } }),
  ...(below.attributeOwners &&
    above.attributeOwners && { attributeOwners: { ...below.attributeOwners, ...above.attributeOwners } }),
  ...(below.findings && above.findings && { findings: { ...below.findings, ...above.findings } }),
  ...(below.quarantine && above.quarantine && { quarantine: { ...below.quarantine, ...above.quarantine } }),
  ...(below.protectedAccounts &&
    above.protectedAccounts && {
      protectedAccounts: [...new Set([...below.protectedAccounts, ...above.protectedAccounts])],
    }),
})
