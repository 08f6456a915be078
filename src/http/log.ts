import { pino, type DestinationStream, type Logger } from 'pino'

/** All that is ever logged of a request: nothing of its address, its headers or its body, and so no secret. */
export interface RequestRecord {
  readonly requestId: string
  readonly dialect: string | undefined
  readonly operation: string | undefined
  readonly organization: string | undefined
  readonly actor: string | undefined
  readonly method: string
  readonly status: number
  readonly durationMs: number
}

/** A log of JSON lines: ISO times, level names, no process details. */
export const createLog = (destination: DestinationStream, level = 'info'): Logger =>
  pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    destination,
  )

/** Hands on what one turn of the event loop logs as one text: a write for each line would cost a busy server a tenth of its time. */
export function inBatches(write: (lines: string) => void): DestinationStream {
  let waiting = ''
  const flush = () => {
    const lines = waiting
    waiting = ''
    write(lines)
  }
  return {
    write: (line) => {
      if (waiting === '') setImmediate(flush)
      waiting += line
    },
  }
}

type Outcome = Pick<RequestRecord, 'method' | 'status'>

const isQuiet = ({ method, status }: Outcome): boolean => status < 400 && (method === 'GET' || method === 'HEAD')

/** Whether an answered request is logged: a read that succeeded only for who asks for `debug`, since they are most of all requests. */
export const isLogged = (log: Logger, outcome: Outcome): boolean => !isQuiet(outcome) || log.isLevelEnabled('debug')

/** Logs an answered request: an error when the fault is ours. */
export function logRequest(log: Logger, record: RequestRecord): void {
  const line = closed(record)
  if (record.status >= 500) log.error(line, 'request')
  else if (isQuiet(record)) log.debug(line, 'request')
  else log.info(line, 'request')
}

/** Logs a bug: the error with its causes, and which request met it. */
export function logFailure(
  log: Logger,
  error: unknown,
  request: Pick<RequestRecord, 'requestId' | 'dialect' | 'operation'>,
): void {
  const { requestId, dialect, operation } = request
  log.error({ requestId, dialect, operation, error: describeError(error, 0) }, 'internal error')
}

/** Copied member by member, so that nothing else an object carries gets in. Request ids from outside are checked where they come in. */
const closed = ({
  requestId,
  dialect,
  operation,
  organization,
  actor,
  method,
  status,
  durationMs,
}: RequestRecord): RequestRecord => ({
  requestId,
  dialect,
  operation,
  organization,
  actor,
  method,
  status,
  durationMs,
})

interface ErrorRecord {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause?: ErrorRecord
}

function describeError(error: unknown, depth: number): ErrorRecord {
  if (!(error instanceof Error)) return { name: 'not an Error', message: typeof error, stack: undefined }
  return {
    name: error.name,
    message: strike(error.message),
    stack: error.stack === undefined ? undefined : strike(error.stack),
    ...(error.cause !== undefined && depth < 5 && { cause: describeError(error.cause, depth + 1) }),
  }
}

/** Our own secrets are known by their form; JSON.parse quotes what it cannot read. */
export const strike = (text: string): string =>
  text
    .replace(/rc_[a-z][a-z0-9]*_[0-9A-Za-z]+/g, 'rc_[redacted]')
    .replace(/(Unexpected[^\n]*? in JSON|Unexpected token)[^\n]*/g, '$1 [redacted]')
