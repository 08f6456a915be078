import { bandwidth } from './bandwidth/dialect.ts'
import { bird } from './bird/dialect.ts'
import { connectCsv } from './csv/connect.ts'
import type { ConnectOptions, Dialect } from './dialect.ts'
import type { Vendor } from '../sync/vendor.ts'
import { messagebird } from './messagebird/dialect.ts'
import { native } from './native/serve.ts'
import { scim, scimWithTestResources } from './scim/dialect.ts'
import { sinch } from './sinch/dialect.ts'
import { twilio } from './twilio/dialect.ts'

/** Every API that is served. */
export const dialects: readonly Dialect[] = [native, scim, bird, messagebird, twilio, bandwidth, sinch]

/** The same with resources that only conformance suites have a use for. */
export const dialectsWithTestResources: readonly Dialect[] = dialects.map((dialect) =>
  dialect === scim ? scimWithTestResources : dialect,
)

/** What can be acted on, by the name that a connection gives: every dialect that is called, and lists of applications without an API. */
export const connectors: Readonly<Record<string, (options: ConnectOptions) => Vendor>> = {
  ...Object.fromEntries(dialects.flatMap(({ name, connect }) => (connect ? [[name, connect]] : []))),
  csv: connectCsv,
}
