import { number, numberOrNull, NotReceipt, objectAt, part, signature, text, textOrNull } from '../receipt-members.ts'
import { sign, verifySigned, type Signed, type Signer, type Verdict } from '../signed.ts'

/** Signed word of where an organization's chain of facts stood: whoever cuts it off before, or writes it anew, cannot make it fit again. */
export interface Checkpoint extends Signed {
  readonly kind: 'checkpoint'
  readonly version: 1
  readonly organization: { readonly id: string }
  /** 1, 2, 3 … among those that are kept beside the facts; null in one that was made to be kept elsewhere. */
  readonly number: number | null
  readonly chain: { readonly sequence: number; readonly hash: string }
  /** Hex SHA-256 of the text of the one before; null in the first. */
  readonly former: string | null
  /** ISO 8601 in UTC. */
  readonly at: string
}

/** The checkpoint's exact bytes. */
export const signCheckpoint = (content: Omit<Checkpoint, keyof Signed>, signer: Signer): string => sign(content, signer)

/** Judges a checkpoint by its text alone (verifySigned). */
export const verifyCheckpoint = (given: string, trustedKey?: string): Verdict<Checkpoint> =>
  verifySigned(given, parseCheckpoint, { trustedKey })

/** Whether a text is meant as a checkpoint, whatever is the matter with it. */
export const isCheckpoint = (given: string): boolean => /^\{\s*"kind":\s*"checkpoint"/.test(given)

/** Member by member, in the order in which it is written. Throws NotReceipt. */
function parseCheckpoint(value: unknown): Checkpoint {
  const root = objectAt(value, 'the text')
  if (root['kind'] !== 'checkpoint') throw new NotReceipt('it is no checkpoint')
  if (root['version'] !== 1) throw new NotReceipt('its version is not 1')
  const chain = part(root, 'chain')
  return {
    kind: 'checkpoint',
    version: 1,
    organization: { id: text(part(root, 'organization'), 'id') },
    number: numberOrNull(root, 'number'),
    chain: { sequence: number(chain, 'sequence'), hash: text(chain, 'hash') },
    former: textOrNull(root, 'former'),
    at: text(root, 'at'),
    key: text(root, 'key'),
    signature: signature(root),
  }
}
