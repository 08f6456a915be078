import type { InvitationState, OpenedInvitation } from '../directory/invitation.ts'
import type { MemberStatus } from '../directory/membership.ts'

export type EndedState = Exclude<InvitationState, 'pending'>

/** The only style of the pages; allowed by the hash of this text and nothing else. */
export const style = `
:root{color-scheme:light dark}
body{font:18px/1.55 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:3rem 1rem}
h1{font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dt{opacity:.75}dd{margin:0;overflow-wrap:anywhere}
button{font:inherit;font-weight:600;padding:.6rem 1.4rem;border-radius:8px;border:2px solid currentColor;background:transparent;color:inherit;cursor:pointer}
`

/** Who invites whom to what, and the button that accepts. The form goes to the page's own address, which therefore stands nowhere in it. */
export function invitationPage(invitation: Extract<OpenedInvitation, { readonly state: 'pending' }>): string {
  const { organizationName, personName, email, roleNames } = invitation
  const rows = [
    ['From', organizationName],
    ['For', email === undefined || email === personName ? personName : `${personName} (${email})`],
    ...(roleNames.length > 0 ? [['As', roleNames.join(', ')]] : []),
    ['Until', `${invitation.invitation.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
  ] as const
  return page(
    `${organizationName} invites you`,
    `<dl>${rows.map(([name, value]) => `<dt>${text(name ?? '')}</dt><dd>${text(value ?? '')}</dd>`).join('')}</dl>
<form method="post"><button>Accept</button></form>
<p>If this is not for you, close this page: nothing happens.</p>`,
  )
}

export const acceptedPage = (organizationName: string, status: MemberStatus): string =>
  status === 'active'
    ? page('You have accepted', `<p>You are a member of ${text(organizationName)} now. You can close this page.</p>`)
    : page(
        'You have accepted',
        `<p>Your access to ${text(organizationName)} is suspended at the moment. Ask there when it will be opened.</p>`,
      )

/** Says what became of an invitation, and of whom or to what it was nothing. */
export const endedPage = (state: EndedState): string => page(...endings[state])

const endings: Readonly<Record<EndedState, readonly [title: string, body: string]>> = {
  accepted: [
    'This invitation was used',
    '<p>It was accepted before, and works only once. If that was you, there is nothing more to do.</p>',
  ],
  expired: ['This invitation has expired', '<p>Ask whoever invited you for a new one.</p>'],
  cancelled: ['This invitation was withdrawn', '<p>Ask whoever invited you if you think that this is a mistake.</p>'],
}

export const unknownPage = page(
  'There is no such invitation',
  '<p>Open the link just as it stands in the mail: the whole of it, without a line break.</p>',
)

export const unavailablePage = page('Not possible just now', '<p>Nothing was changed. Open the link again in a few minutes.</p>')

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${text(title)}</title>
<style>${style}</style>
<body>
<main>
<h1>${text(title)}</h1>
${body}
</main>
</body>
</html>
`
}

function text(raw: string): string {
  return raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
