import type { Command } from 'commander'
import { command, type Context } from './context.ts'
import { usageError } from './failure.ts'
import { loadApp } from './home.ts'
import { requireHome } from './installation.ts'
import { printable } from './terminal.ts'

interface ExplainOptions {
  readonly home: string
  readonly json?: true
}

/** Works on the home itself: also refusals that no organization could be told of are explained. */
export const explainCommand = (context: Context): Command =>
  command('explain', 'Why a request was refused, also where the answer hides it')
    .argument('<request-id>', 'the X-Request-Id of the answer')
    .action(async (requestId: string, { home, json }: ExplainOptions) => {
      requireHome(context, home)
      const { openHome } = await loadApp()
      const opened = await openHome(home, context.environment)
      try {
        const explanations = await opened.database.explanations.find(requestId)
        if (explanations.length === 0)
          throw usageError(
            'No refusal with this request id is known. They are kept for 30 days; an answer carries its id in X-Request-Id.',
          )
        if (json) return context.terminal.json({ explanations })
        for (const { at, dialect, operation, organizationId, refusal, field, code, message } of explanations) {
          const where = operation === undefined ? dialect : `${dialect}.${operation}`
          context.terminal.data(
            `${at.toISOString()} ${context.terminal.strong(refusal)} ${where}\n  ${printable(message)}\n` +
              (field === undefined ? '' : `  field: ${printable(field)}\n`) +
              (code === undefined ? '' : `  code: ${printable(code)}\n`) +
              (organizationId === undefined ? '' : `  organization: ${organizationId}\n`),
          )
        }
      } finally {
        await opened.close()
      }
    })
