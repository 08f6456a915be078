import { Command, CommanderError } from 'commander'
import { readVersion } from '../dialects/native/version.ts'
import { accessCommand } from './access.ts'
import { applyCommand } from './apply.ts'
import { approveCommand } from './approve.ts'
import { backupCommand } from './backup.ts'
import { configCommand } from './config.ts'
import { connectionCommand } from './connection.ts'
import type { Context } from './context.ts'
import { credentialCommand } from './credential.ts'
import { demoCommand } from './demo-command.ts'
import { driftCommand } from './drift.ts'
import { exitCodes, type ExitCode } from './exit.ts'
import { explainCommand } from './explain.ts'
import { extensionCommand } from './extension.ts'
import { failureOf, report, usageError } from './failure.ts'
import { findingsCommand } from './findings.ts'
import { importCommand } from './import.ts'
import { keysCommand } from './keys.ts'
import { linksCommand } from './links.ts'
import { mailCommand } from './mail.ts'
import { mcpCommand } from './mcp.ts'
import { migrateCommand } from './migrate.ts'
import { offboardCommand } from './offboard.ts'
import { offboardingsCommand } from './offboardings.ts'
import { organizationCommand } from './organization.ts'
import { planCommand } from './plan.ts'
import { questionsCommand } from './questions.ts'
import { receiptCommand } from './receipt.ts'
import { restoreCommand } from './restore.ts'
import { reviewCommand } from './review.ts'
import { serveCommand } from './serve.ts'
import { createTerminal, type Streams } from './terminal.ts'
import { tryCommand } from './try.ts'
import { twinCommand } from './twin.ts'
import { verifyCommand } from './verify.ts'
import { webhooksCommand } from './webhooks.ts'

/** Runs one command to its end and answers the exit code. Never throws, never ends the process. */
export async function runCli(argv: readonly string[], environment: Context['environment'], streams: Streams): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  // Whoever reads may stop reading: `rollcall findings | head`.
  streams.stdout.on?.('error', (error) => {
    if (error.code !== 'EPIPE') throw error
  })
  const terminal = createTerminal(streams, environment)
  const context: Context = { environment, terminal, end: (ending) => (code = ending) }
  try {
    refuseKey(argv)
    await createProgram(context).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help'))
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.error
    return report(terminal, failureOf(error), argv.includes('--json') ? 'json' : 'text')
  }
}

function createProgram(context: Context): Command {
  const program = new Command('rollcall')
    .description('Who has access at your communications vendors: provisioned, taken away with approval, and proven.')
    .version(readVersion())
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 error, 2 changes present, 3 refused by a guard, 4 needs approval, 5 plan stale, 6 partly done.',
    )
  const commands = [
    serveCommand,
    demoCommand,
    twinCommand,
    organizationCommand,
    credentialCommand,
    extensionCommand,
    connectionCommand,
    configCommand,
    importCommand,
    planCommand,
    approveCommand,
    applyCommand,
    driftCommand,
    tryCommand,
    offboardCommand,
    offboardingsCommand,
    findingsCommand,
    keysCommand,
    linksCommand,
    questionsCommand,
    webhooksCommand,
    accessCommand,
    reviewCommand,
    mailCommand,
    explainCommand,
    mcpCommand,
    receiptCommand,
    verifyCommand,
    backupCommand,
    restoreCommand,
    migrateCommand,
  ]
  for (const create of commands) program.addCommand(create(context))
  settle(program, context)
  return program
}

/** Errors are thrown instead of ending the process, and go through `report`; help goes where the streams say. */
function settle(program: Command, context: Context): void {
  program.exitOverride((error) => {
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\s+/g, ' ')
      .replace(/\.$/, '')
    throw new CommanderError(
      error.exitCode === 0 ? exitCodes.ok : exitCodes.error,
      error.code,
      `${message}. See: ${pathOf(program)} --help`,
    )
  })
  program.configureOutput({
    writeOut: context.terminal.data,
    writeErr: (text) => context.terminal.say(text.trimEnd()),
    outputError: () => undefined,
  })
  for (const member of program.commands) settle(member, context)
}

const pathOf = (program: Command): string => (program.parent ? `${pathOf(program.parent)} ${program.name()}` : program.name())

/** A key on the command line is read by everybody who can list processes, and kept by the shell. */
function refuseKey(argv: readonly string[]): void {
  const end = argv.indexOf('--')
  const flags = end < 0 ? argv : argv.slice(0, end)
  if (flags.some((word) => /^--(key|token|password|secret)(=|$)/.test(word)))
    throw usageError(
      'A secret is never given on the command line, where other users and the shell’s history can read it. Set ROLLCALL_KEY or use --key-file.',
    )
}
