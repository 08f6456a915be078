import { everyItem, type Client } from '../dialects/native/connect.ts'
import { usageError } from './failure.ts'
import type { Offboarding } from './offboard.ts'

/** The offboarding with that id, or the newest one of the person with that e-mail address or user name; who left the directory is found too. */
export async function findOffboarding(hub: Client, name: string): Promise<Offboarding> {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(name)) return hub.readOffboarding({ offboardingId: name })
  const wanted = name.toLowerCase()
  for await (const { id, person } of everyItem((cursor) => hub.listOffboardings({ query: { cursor, limit: 1000 } })))
    if ([person.userName, person.email].some((each) => each?.toLowerCase() === wanted))
      return hub.readOffboarding({ offboardingId: id })
  throw usageError(`Nobody with the e-mail address or user name ${name} was offboarded. rollcall offboard ${name} does it.`)
}
