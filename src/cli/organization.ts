import { Option, type Command } from 'commander'
import { command, family, type Context } from './context.ts'
import { defaultUrl, loadApp, servedAt } from './home.ts'
import { checkUrl } from './hub.ts'
import { printable } from './terminal.ts'

const plans = ['free', 'starter', 'pro', 'enterprise'] as const
const ssoProviders = ['none', 'okta', 'entra', 'onelogin'] as const

export const organizationCommand = (context: Context): Command =>
  family('organization', 'The tenants of this installation', [createCommand(context)])

interface CreateOptions {
  readonly home: string
  readonly json?: true
  readonly name: string
  readonly plan: (typeof plans)[number]
  readonly sso: (typeof ssoProviders)[number]
  readonly emailDomain: readonly string[]
  readonly url?: string
}

/** Works on the home itself, also while a server runs on it: it is how the first key comes to be. */
const createCommand = (context: Context) =>
  command('create', 'Make an organization, with credentials for every API; they are shown once')
    .requiredOption('--name <name>', 'its name')
    .addOption(new Option('--plan <plan>', 'what it may use').choices(plans).default('free'))
    .addOption(new Option('--sso <provider>', 'its single sign-on').choices(ssoProviders).default('none'))
    .option(
      '--email-domain <domain>',
      'allow addresses at this domain alone; may be repeated',
      (domain: string, before: readonly string[]) => [...before, domain],
      [],
    )
    .option('--url <url>', 'where clients reach the hub (else where it is served now)')
    .action(async ({ home, json, name, plan, sso, emailDomain, url }: CreateOptions) => {
      const { openHome } = await loadApp()
      const opened = await openHome(home, context.environment)
      try {
        const origin = checkUrl(url ?? opened.config.publicUrl ?? servedAt(home) ?? defaultUrl, '--url').replace(/\/+$/, '')
        const printed = await opened.createOrganization({ name, plan, sso, emailDomains: emailDomain }, origin)
        if (json) return context.terminal.json(printed)
        for (const [section, members] of Object.entries(printed)) {
          context.terminal.data(`${context.terminal.strong(section)}\n`)
          for (const [member, value] of Object.entries(members))
            context.terminal.data(`  ${member.padEnd(10)} ${printable(value)}\n`)
        }
        context.terminal.say('Keep these: the secrets are not shown again.')
      } finally {
        await opened.close()
      }
    })
