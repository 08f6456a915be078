import type { OpenedInvitation } from '../directory/invitation.ts'

/** What a person reads. */
export interface Letter {
  readonly subject: string
  readonly text: string
}

/** Where the invitation of a token is accepted. `origin` is the hub's URL as people reach it, without a trailing slash. */
export const invitationLink = (origin: string, token: string): string => `${origin}/invitations/${token}`

/** The letter of an invitation that is still open. Plain text: names in it are nothing but names. */
export function composeInvitation(
  invitation: Extract<OpenedInvitation, { readonly state: 'pending' }>,
  { token, origin }: { readonly token: string; readonly origin: string },
): Letter {
  const { organizationName, personName, roleNames } = invitation
  const roles = roleNames.length === 0 ? '' : ` as ${roleNames.map(onOneLine).join(', ')}`
  return {
    subject: `${onOneLine(organizationName)} invites you`,
    text: [
      `Hello ${onOneLine(personName)},`,
      '',
      `${onOneLine(organizationName)} invites you to its account${roles}. To accept, open this link and confirm:`,
      '',
      invitationLink(origin, token),
      '',
      `The link works once, until ${until(invitation.invitation.expiresAt)}. It is meant for you alone: do not pass it on.`,
      'If you did not expect this, do nothing.',
      '',
    ].join('\n'),
  }
}

/** `2026-03-01 10:20 UTC` */
const until = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** A name cannot add a line, nor turn the direction of writing. */
const onOneLine = (name: string): string => name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim()
