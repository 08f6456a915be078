import { Command } from 'commander'
import type { Mail } from '../directory/mail.ts'
import { command, type Context, wholeNumber } from './context.ts'
import { usageError } from './failure.ts'
import { defaultUrl, loadApp, servedAt } from './home.ts'
import { checkUrl } from './hub.ts'
import { requireHome } from './installation.ts'
import { printable, printableLines, table } from './terminal.ts'

interface MailOptions {
  readonly home: string
  readonly json?: true
}

/** Works on the home itself: without a mail server it is the one way in which an invitation reaches anybody. */
export const mailCommand = (context: Context): Command => {
  const mail = new Command('mail').description('The invitations that wait for the mail server, or went out')
  mail.addCommand(listCommand(context), { isDefault: true })
  return mail.addCommand(showCommand(context))
}

const listCommand = (context: Context) =>
  command('list', 'The last mails, newest first')
    .option('--limit <n>', 'how many', wholeNumber('--limit', { from: 1, to: 10_000 }), 50)
    .action(async ({ home, json, limit }: MailOptions & { readonly limit: number }) => {
      await withHome(context, home, async (opened) => {
        const mails = await opened.database.outbox.mails({ limit })
        if (json) return context.terminal.json({ mails: mails.map(listed) })
        if (mails.length === 0) return context.terminal.say('There is no mail.')
        const rows = mails.map(({ id, to, state, createdAt, attempts, reason }) => [
          createdAt.toISOString().slice(0, 16).replace('T', ' '),
          to ?? '(no address)',
          state,
          String(attempts),
          id,
          reason ?? '',
        ])
        context.terminal.data(table(context.terminal, ['MADE', 'TO', 'STATE', 'TRIES', 'ID', 'WHY'], rows))
        if (!opened.config.mail)
          context.terminal.say('No mail server is set, so mails are kept. Read one with: rollcall mail show ID')
      })
    })

const showCommand = (context: Context) =>
  command('show', 'What a mail says; while it waits, with the link that accepts')
    .argument('<id>', 'id of the mail')
    .option('--url <url>', 'where people reach the hub (else where it is served now)')
    .action(async (id: string, { home, json, url }: MailOptions & { readonly url?: string }) => {
      await withHome(context, home, async (opened) => {
        const mail = await opened.database.outbox.mail(id)
        if (!mail) throw usageError('There is no mail with this id. rollcall mail list names them.')
        const origin = checkUrl(url ?? opened.config.publicUrl ?? servedAt(home) ?? defaultUrl, '--url').replace(/\/+$/, '')
        const { composeInvitation } = await import('../outbox/letter.ts')
        const { token } = mail
        const invitation = token === undefined ? undefined : await opened.directory.openInvitation({ token, now: new Date() })
        const letter =
          token !== undefined && invitation?.state === 'pending' ? composeInvitation(invitation, { token, origin }) : undefined
        if (json) return context.terminal.json({ mail: { ...listed(mail), ...letter } })
        context.terminal.data(`To: ${printable(mail.to ?? '(no address)')}\n`)
        if (letter) return context.terminal.data(`Subject: ${printable(letter.subject)}\n\n${printableLines(letter.text)}`)
        context.terminal.say(
          invitation
            ? `The invitation is ${invitation.state} by now: there is nothing left to say.`
            : `The mail is ${mail.state}${mail.reason ? `: ${printable(mail.reason)}` : ''}. What it said is not kept.`,
        )
      })
    })

const listed = ({ token: _token, ...mail }: Mail) => mail

type Opened = Awaited<ReturnType<Awaited<ReturnType<typeof loadApp>>['openHome']>>

async function withHome(context: Context, home: string, work: (opened: Opened) => Promise<void>): Promise<void> {
  requireHome(context, home)
  const { openHome } = await loadApp()
  const opened = await openHome(home, context.environment)
  try {
    await work(opened)
  } finally {
    await opened.close()
  }
}
