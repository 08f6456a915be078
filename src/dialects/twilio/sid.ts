import { fromHex, toHex } from '../../directory/id.ts'

/** What a SID names, by its first two letters. `IX` is the public API's spelling of a role, `IY` a role assignment, `GP` a group, `SK` an API key. */
export type SidPrefix = 'OR' | 'AC' | 'US' | 'RL' | 'IX' | 'GP' | 'SK'

/** Two letters and the 32 hexadecimal digits of one of our ids. */
export const toSid = (prefix: SidPrefix, id: string): string => `${prefix}${toHex(id)}`

/** The id in a SID of this kind; undefined for any other text, a SID of another kind included. */
export const fromSid = (prefix: SidPrefix, text: string): string | undefined =>
  text.startsWith(prefix) ? fromHex(text.slice(2)) : undefined

/** The role in a SID, in either spelling. */
export const fromRoleSid = (text: string): string | undefined => fromSid('RL', text) ?? fromSid('IX', text)

/**
 * The SID of the fact that a member holds a role: both ids, laid over each other. Who knows one of them finds the other, so that no table is
 * needed: an organization has few roles, and one of them leads to the member.
 */
export const toAssignmentSid = (roleId: string, memberId: string): string => `IY${laidOver(toHex(roleId), toHex(memberId))}`

/** The member whose assignment of this role has the SID, if there is one; undefined for a text that is no such SID. */
export function memberInAssignment(sid: string, roleId: string): string | undefined {
  const digits = sid.startsWith('IY') ? sid.slice(2) : ''
  return fromHex(digits) === undefined ? undefined : fromHex(laidOver(digits, toHex(roleId)))
}

const laidOver = (a: string, b: string): string => (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(16).padStart(32, '0')
