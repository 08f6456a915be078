import { isId } from '../../directory/id.ts'

/** How a face spells ids: reversible, and undefined for what it could never have spelled. */
export interface ScimIds {
  readonly toUser: (id: string) => string
  readonly fromUser: (text: string) => string | undefined
  readonly toGroup: (id: string) => string
  readonly fromGroup: (text: string) => string | undefined
}

const same = (id: string): string => id
const checked = (text: string): string | undefined => (isId(text) ? text : undefined)

/** Our own ids as they are. */
export const plainIds: ScimIds = { toUser: same, fromUser: checked, toGroup: same, fromGroup: checked }
