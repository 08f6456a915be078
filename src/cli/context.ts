import { Command } from 'commander'
import { exitCodes, type ExitCode } from './exit.ts'
import type { Terminal } from './terminal.ts'

/** What every command is run with. */
export interface Context {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  /** Tells what the process ends with; without a word it is 0. */
  readonly end: (code: ExitCode) => void
}

export const defaultHome = './.rollcall'

/** A command with the options that all of them take. */
export const command = (name: string, summary: string): Command =>
  new Command(name)
    .description(summary)
    .option('--json', 'print one JSON document (streams: one per line)')
    .option('--home <dir>', 'folder of the installation', defaultHome)

/** A command that talks to a running hub. */
export const hubCommand = (name: string, summary: string): Command =>
  command(name, summary)
    .option('--url <url>', 'the hub (or ROLLCALL_URL; else the one that serves the home)')
    .option('--key-file <file>', 'file with the native key (or ROLLCALL_KEY)')

/** A command of commands; `otherwise` names the one that takes what names none of them. */
export function family(
  name: string,
  summary: string,
  members: readonly Command[],
  { otherwise }: { readonly otherwise?: string } = {},
): Command {
  const parent = new Command(name).description(summary)
  for (const member of members) parent.addCommand(member, { isDefault: member.name() === otherwise })
  return parent
}

export const wholeNumber =
  (what: string, { from, to }: { readonly from: number; readonly to: number }) =>
  (text: string): number => {
    const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : NaN
    if (number >= from && number <= to) return number
    throw usage(`${what} must be a whole number from ${from} to ${to}, not "${text}".`)
  }

const usage = (message: string) => Object.assign(new Error(message), { name: 'ConfigError', exitCode: exitCodes.error })
