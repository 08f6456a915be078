/** What a password must have. The service never tells callers (BAND-14). */
export interface PasswordRule {
  readonly minimumLength: number
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const symbols = '!#$%*+-=?@_~'
const classes = [upper, lower, digits, symbols]
const generatedLength = 24

/** Long enough, with an upper-case and a lower-case letter, a digit and something that is neither letter, digit nor space (BAND-Q07). */
export const isStrong = (password: string, { minimumLength }: PasswordRule): boolean =>
  Array.from(password).length >= minimumLength &&
  [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{L}\p{M}\p{N}\s]/u].every((kind) => kind.test(password))

/** 24 characters with all four classes, in an unpredictable order. `randomBytes` must be cryptographically strong. */
export function generatePassword(randomBytes: (size: number) => Uint8Array): string {
  const below = (limit: number): number => {
    for (;;) for (const byte of randomBytes(16)) if (byte < 256 - (256 % limit)) return byte % limit
  }
  const pick = (alphabet: string): string => alphabet[below(alphabet.length)]!
  const everything = classes.join('')
  const characters = [...classes.map(pick), ...Array.from({ length: generatedLength - classes.length }, () => pick(everything))]
  for (let index = characters.length - 1; index > 0; index--) {
    const other = below(index + 1)
    ;[characters[index], characters[other]] = [characters[other]!, characters[index]!]
  }
  return characters.join('')
}
