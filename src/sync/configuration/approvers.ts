import { duties, type Credential } from '../../directory/credential.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { fold } from '../../directory/fold.ts'
import { isId } from '../../directory/id.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import type { Configuration, NamedPolicy } from './configuration.ts'
import { sourcesOf } from './effective.ts'

type Key = Pick<Credential, 'id' | 'name' | 'scopes' | 'revokedAt' | 'expiresAt'>

/** A policy whose approvers are duties and ids of keys, as plans want them: a file may name keys by their names. Throws DirectoryError with the path of the setting. */
export async function withApproverIds(
  parts: SyncParts,
  organizationId: string,
  {
    configuration,
    connection,
    policy,
  }: { readonly configuration: Configuration; readonly connection: string; readonly policy: NamedPolicy },
): Promise<NamedPolicy> {
  const { approvers } = policy
  if (!approvers?.some((name) => !isDuty(name) && !isId(name))) return policy
  const call = systemCall(parts, organizationId)
  const keys = (await parts.directory.listCredentials(call, undefined)).filter((key) => isLive(key, call.now))
  const field = sourcesOf(configuration, connection, 'approvers').at(-1)
  const refuse = (message: string) => new DirectoryError('invalid', message, field === undefined ? {} : { field })
  const ids: string[] = []
  for (const name of approvers) {
    if (isDuty(name) || isId(name)) {
      ids.push(name)
      continue
    }
    const found = keys.filter((key) => fold(key.name) === fold(name))
    const [key, ...others] = found
    if (!key) throw refuse(`There is no key called "${name}"${await hint(parts, organizationId, name)}`)
    if (others.length > 0)
      throw refuse(
        `${found.length} keys are called "${name}": name the one that is meant by its id, one of ${found.map(({ id }) => id).join(', ')}.`,
      )
    if (!key.scopes.includes('approve'))
      throw refuse(`The key "${key.name}" may approve nothing: it lacks the scope approve. Name another one.`)
    ids.push(key.id)
  }
  return { ...policy, approvers: [...new Set(ids)] }
}

const isDuty = (name: string): boolean => Object.hasOwn(duties, name)

const isLive = ({ revokedAt, expiresAt }: Key, now: Date): boolean => !revokedAt && !(expiresAt && expiresAt <= now)

/** What to do about a name that no key has; people are named now and then, but keys are what acts. */
async function hint(parts: SyncParts, organizationId: string, name: string): Promise<string> {
  const call = systemCall(parts, organizationId)
  const member =
    (await parts.directory.findMemberByUserName(call, { userName: name })) ??
    (await parts.directory.findMemberByEmail(call, { email: name }))
  const make = `rollcall credential create --role approver --name "${name}"`
  return member ? `. ${member.userName} is a member, and people approve with a key of their own: ${make}` : `. Make it: ${make}`
}
