import type { Letter } from './letter.ts'

export interface MailServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte; otherwise STARTTLS is demanded, except of a server on this machine. */
  readonly secure: boolean
  readonly login: { readonly user: string; readonly password: string } | undefined
  /** `Rollcall <rollcall@example.com>`, or the address alone. */
  readonly from: string
}

/** What became of one attempt. `reason` is ours: nothing that the server said but its code. */
export type Delivery =
  | { readonly kind: 'sent' }
  /** The server refused this mail for good; another attempt would be refused too. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }

export interface Envelope {
  /** The same for every attempt at one mail, so that a copy is recognised. */
  readonly id: string
  readonly to: string
}

/** Hands one letter to the mail server. Never throws. */
export type SendMail = (envelope: Envelope, letter: Letter) => Promise<Delivery>

export function createSmtp(server: MailServer): SendMail {
  let transport: ReturnType<typeof openTransport> | undefined
  return async ({ id, to }, { subject, text }) => {
    try {
      transport ??= openTransport(server)
      await (
        await transport
      ).sendMail({
        from: server.from,
        // As an object, so that no part of it is read as a list of addresses.
        to: { name: '', address: to },
        subject,
        text,
        messageId: `<${id}@rollcall>`,
        headers: { 'auto-submitted': 'auto-generated' },
      })
      return { kind: 'sent' }
    } catch (error) {
      return toDelivery(error)
    }
  }
}

/** Loaded with the first mail: its imports take 25 MB, and most servers never send one. */
async function openTransport(server: MailServer) {
  const { createTransport } = await import('nodemailer')
  return createTransport({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: !server.secure && !isHere(server.host),
    ...(server.login && { auth: { user: server.login.user, pass: server.login.password } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  })
}

const isHere = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

function toDelivery(error: unknown): Delivery {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const answer =
    error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined
  const said = answer === undefined ? '' : ` (${answer})`
  const isFinal = answer !== undefined && answer >= 500
  if (code === 'EAUTH' || code === 'ENOAUTH')
    return { kind: 'failed', reason: `The mail server refused the login${said}. Check "user" and the password.` }
  if (code === 'EENVELOPE')
    return { kind: isFinal ? 'refused' : 'failed', reason: `The mail server refused the sender or the recipient${said}.` }
  if (code === 'EMESSAGE') return { kind: isFinal ? 'refused' : 'failed', reason: `The mail server refused the mail${said}.` }
  if (code === 'ETLS')
    return { kind: 'failed', reason: 'No encrypted connection to the mail server came about. Check "port" and "secure".' }
  return { kind: 'failed', reason: `The mail server cannot be reached, or broke off${said}. Check "host" and "port".` }
}
