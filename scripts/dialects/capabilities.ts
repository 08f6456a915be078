import { randomBytes } from 'node:crypto'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Json } from '../../src/directory/json.ts'
import type { Vendor } from '../../src/sync/vendor.ts'

/** A connector as it is set up one way. */
export interface Profile {
  readonly name: string
  readonly vendor: Vendor
}

/** What a connection's credentials say beside the usual ones, by the name of the profile. */
const profiles: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Json>>>>>> = {
  messagebird: { rest: {}, scim: { profile: 'scim' } },
  twilio: { rest: { profile: 'rest' }, scim: { profile: 'scim' }, current: { profile: 'current' } },
  sinch: { rest: { profile: 'rest' }, scim: { profile: 'scim' } },
}

const id = '01900000-0000-7000-8000-000000000000'

/** Every way in which a vendor is called, with all the credentials that an organization is printed. Nothing is sent anywhere. */
export function openProfiles(dialect: Dialect): readonly Profile[] {
  const { connect } = dialect
  if (!connect) return []
  const [host = '', path = ''] = Object.entries(dialect.hosts)[0] ?? ['vendor.example']
  const baseUrl = `https://${host}${path}`
  const credentials = dialect.access({
    origin: 'https://vendor.example',
    organization: {
      id,
      name: 'Example',
      plan: 'enterprise',
      sso: 'okta',
      emailDomains: [],
      createdAt: new Date(0),
      updatedAt: new Date(0),
    },
    secrets: Object.fromEntries(
      dialect.startingCredentials.map(({ kind }) => [kind, { id, identifier: kind, secret: `${kind}secret` }]),
    ),
  })
  return Object.entries(profiles[dialect.name] ?? { '': {} }).map(([name, more]) => ({
    name,
    vendor: connect({
      baseUrl,
      credentials: { ...credentials, ...more },
      fetch: () => Promise.reject(new Error('nothing is to be sent')),
      sleep: () => Promise.resolve(),
      random: Math.random,
      randomBytes: (size) => randomBytes(size),
    }),
  }))
}
