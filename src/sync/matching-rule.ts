/**
 * What may link a member to an account that nobody made for them. Confidence: `userName` is certain (the vendor's own login name, unique there),
 * `externalId` and `emailAndName` are strong, `email` alone is weak: an address is easily shared, handed on, or claimed by whoever asks the vendor first.
 */
export const matchRules = ['userName', 'externalId', 'emailAndName', 'email'] as const
export type MatchRule = (typeof matchRules)[number]

/** `created`: we made the account. `returning`: the link of somebody who left and came back. `manual`: a person said so. */
export const linkRules = [...matchRules, 'created', 'returning', 'manual'] as const
export type LinkRule = (typeof linkRules)[number]

export type Confidence = 'certain' | 'strong' | 'weak'

export const confidenceOf: Readonly<Record<MatchRule, Confidence>> = {
  userName: 'certain',
  externalId: 'strong',
  emailAndName: 'strong',
  email: 'weak',
}

/** One attribute of a member held against the account's: for it where they agree, against it where both are there and differ. */
export interface Compared {
  readonly attribute: 'userName' | 'externalId' | 'email' | 'name' | 'personId'
  readonly member: string | undefined
  readonly account: string | undefined
  readonly agrees: boolean
}
