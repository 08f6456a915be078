import type { Client } from '../dialects/native/connect.ts'
import { usageError } from './failure.ts'

const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

/** The id of the member with that id, e-mail or user name. */
export async function findMember(hub: Client, person: string): Promise<string> {
  if (isId(person)) return person
  for (const query of [{ email: person }, { userName: person }]) {
    const { items } = await hub.listMembers({ query })
    if (items[0]) return items[0].id
  }
  throw usageError(`Nobody in the organization has the e-mail address or user name ${person}.`)
}

/** What narrows a list to one member; nothing where nobody is named. */
export const memberFilter = async (hub: Client, person: string | undefined): Promise<{ readonly memberId?: string }> =>
  person === undefined ? {} : { memberId: await findMember(hub, person) }
