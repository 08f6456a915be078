import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A real SMTP server on 127.0.0.1 that keeps what it accepts. */
export interface MailServer {
  readonly port: number
  readonly mails: readonly ReceivedMail[]
  /** Resolves with the mail that comes next. */
  readonly next: () => Promise<ReceivedMail>
}

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** Headers and body as they came, with quoted-printable undone. */
  readonly text: string
}

/** `answer` may refuse a recipient by throwing an error with a responseCode. */
export async function openMailServer(
  t: TestContext,
  options: SMTPServerOptions & { readonly answer?: (to: string) => void } = {},
): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  let arrival = Promise.withResolvers<ReceivedMail>()
  const { answer, ...rest } = options
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onRcptTo: ({ address }, _session, done) => {
      try {
        answer?.(address)
        done()
      } catch (error) {
        done(error instanceof Error ? error : new Error('no'))
      }
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const mail = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: decode(Buffer.concat(chunks).toString('utf8')),
        }
        mails.push(mail)
        done()
        arrival.resolve(mail)
        arrival = Promise.withResolvers()
      })
    },
    ...rest,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (server.server.address() as AddressInfo).port, mails, next: () => arrival.promise }
}

const decode = (text: string): string =>
  /content-transfer-encoding: quoted-printable/i.test(text)
    ? Buffer.from(
        text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ).toString('utf8')
    : text
