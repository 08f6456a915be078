import { CommanderError } from 'commander'
import { DirectoryError, RemoteError } from '../dialects/native/connect.ts'
import { exitCodeOf, exitCodes, type ExitCode } from './exit.ts'
import { printable, type Terminal } from './terminal.ts'

/** A command that was given wrongly. The message says what to give instead. */
export const usageError = (message: string): CommanderError => new CommanderError(exitCodes.error, 'rollcall.usage', message)

/** What a failure is called, for programs and for people. */
export interface Failure {
  readonly code: ExitCode
  /** The refusal, or `usage`, `config`, `unreachable`, `unknown` (sent, and not known what came of it), `remote`, `bug`. */
  readonly type: string
  readonly message: string
  readonly field?: string | undefined
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return { code: exitCodes.error, type: 'usage', message: error.message }
  if (error instanceof DirectoryError)
    return { code: exitCodeOf(error.refusal), type: error.refusal, message: error.message, field: error.field }
  if (error instanceof RemoteError)
    return error.effect === 'unknown'
      ? {
          code: exitCodes.error,
          type: 'unknown',
          message: `The hub did not say what came of it. It may have been carried out, or still be: look with rollcall plan or findings. (${error.message})`,
        }
      : error.status === 0
        ? {
            code: exitCodes.error,
            type: 'unreachable',
            message: `The hub did not answer. Is it running, and is --url or ROLLCALL_URL right? (${error.message})`,
          }
        : { code: exitCodes.error, type: 'remote', message: error.message }
  if (error instanceof Error && (error.name === 'ConfigError' || error.name === 'UnsafePlan'))
    return {
      code: error.name === 'UnsafePlan' ? exitCodes.refusedByGuard : exitCodes.error,
      type: error.name === 'UnsafePlan' ? 'unsafe' : 'config',
      message: error.message,
    }
  if (isFileError(error)) return { code: exitCodes.error, type: 'config', message: fileMessage(error) }
  return {
    code: exitCodes.error,
    type: 'bug',
    message: `This is a bug in Rollcall; please report it. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  }
}

/** One clear line for people and, with `--json`, the same for programs; both on stderr. */
export function report(terminal: Terminal, failure: Failure, style: 'text' | 'json'): ExitCode {
  terminal.say(`rollcall: ${failure.type === 'bug' ? failure.message : printable(failure.message)}`)
  if (style === 'json') {
    const { type, message, field } = failure
    terminal.say(JSON.stringify({ error: { type, message, field } }))
  }
  return failure.code
}

interface FileError extends Error {
  readonly code: string
  readonly path: string
}

const isFileError = (error: unknown): error is FileError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && 'path' in error && typeof error.path === 'string'

function fileMessage({ code, path }: FileError): string {
  if (code === 'ENOENT') return `There is no file ${path}. Check the name.`
  if (code === 'EACCES' || code === 'EPERM') return `${path} cannot be opened with your rights.`
  if (code === 'EEXIST') return `${path} is there already. Choose another name.`
  if (code === 'EISDIR') return `${path} is a folder. Name a file.`
  return `${path} cannot be used (${code}).`
}
