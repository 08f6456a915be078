import type { Client } from '../dialects/native/connect.ts'
import { usageError } from './failure.ts'

export type Connection = Awaited<ReturnType<Client['listConnections']>>['items'][number]

/** The connection with that name or id. */
export async function findConnection(hub: Client, nameOrId: string): Promise<Connection> {
  const { items } = await hub.listConnections()
  const found =
    items.find(({ id }) => id === nameOrId) ?? items.find(({ name }) => name === nameOrId) ?? onlyIgnoringCase(items, nameOrId)
  if (found) return found
  const names = items.map(({ name }) => name).join(', ')
  throw usageError(
    `There is no connection "${nameOrId}". ${names ? `There are: ${names}.` : 'Add one with rollcall connection add.'}`,
  )
}

/** What narrows a list to one connection; nothing where none is named. */
export const connectionFilter = async (hub: Client, nameOrId: string | undefined): Promise<{ readonly connectionId?: string }> =>
  nameOrId === undefined ? {} : { connectionId: (await findConnection(hub, nameOrId)).id }

/** The connection that a command is for, named once: as its argument or by `--connection`. */
export function oneName(argument: string | undefined, option: string | undefined): string {
  const name = argument ?? option
  if (name === undefined || (argument !== undefined && option !== undefined))
    throw usageError('Name one connection: --connection NAME')
  return name
}

function onlyIgnoringCase(items: readonly Connection[], wanted: string): Connection | undefined {
  const matches = items.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  return matches.length === 1 ? matches[0] : undefined
}
