import { applicationPartOf, nameInApplication } from '../../directory/application.ts'
import type { Json } from '../../directory/json.ts'
import type { Connection } from '../connection.ts'
import type { Wanted } from '../ledger.ts'

/** Somebody with the groups and roles that the connection's own application gave them: groups under the names that it pushed, roles beside those of the organization. */
export function asApplicationSays({ id, name }: Pick<Connection, 'id' | 'name'>, wanted: Wanted): Wanted {
  const { member, groupNames } = wanted
  const { roles } = applicationPartOf(member, id)
  return {
    ...wanted,
    groupNames: groupNames.map((displayName) => nameInApplication(name, displayName) ?? displayName),
    member: roles === undefined ? member : withRoles(wanted, roles),
  }
}

function withRoles({ member }: Wanted, roles: Json): Wanted['member'] {
  const all = [member.attributes['roles'], roles].flatMap((list) => (Array.isArray(list) ? list : []))
  return { ...member, attributes: { ...member.attributes, roles: all } }
}
