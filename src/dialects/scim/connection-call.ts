import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { isId } from '../../directory/id.ts'
import type { ServeServices } from '../dialect.ts'

/** What the address of a connection needs of the lifecycle engine. */
export type ApplicationEngine = NonNullable<ServeServices['engine']>
export type Application = Awaited<ReturnType<ApplicationEngine['getApplication']>>

/** The application whose address a call came to; it stays with copies of the call. */
const entered = Symbol('application')
interface ApplicationCall extends Call {
  readonly [entered]: Application
}

/** Lets a call in to a connection's address: the organization has the connection, and the credential is not confined to another one. */
export async function enterApplication(
  engine: ApplicationEngine,
  call: Call,
  connectionId: string | undefined,
): Promise<ApplicationCall> {
  if (connectionId === undefined || !isId(connectionId)) throw noConnection()
  if (call.connectionId !== undefined && call.connectionId !== connectionId)
    throw new DirectoryError(
      'foreign',
      'This token is for the address of another connection. Use the token that was made for this one.',
    )
  return { ...call, [entered]: await findApplication(engine, call, connectionId) }
}

export function applicationOf(call: Call): Application {
  if (!isApplicationCall(call)) throw new TypeError('a call that did not come to the address of a connection')
  return call[entered]
}

const isApplicationCall = (call: Call): call is ApplicationCall => entered in call

async function findApplication(engine: ApplicationEngine, call: Call, connectionId: string): Promise<Application> {
  try {
    return await engine.getApplication(call, { connectionId })
  } catch (cause) {
    if (cause instanceof DirectoryError && cause.refusal === 'notFound') throw noConnection()
    throw cause
  }
}

const noConnection = () =>
  new DirectoryError('notFound', 'There is no such connection in this organization. See: rollcall connection list')
