import type { Call } from '../../../directory/call.ts'
import type { Extension } from '../../../directory/extension.ts'
import type { Operation } from '../../../wire/operation.ts'
import type { Handler, Mount } from '../../../wire/serve.ts'

type Handlers = ReadonlyMap<string, unknown>
type Serve = (mount: Mount<Call>, extensions: readonly Extension[]) => void

/** How many organizations' types are kept in memory. */
const mostKept = 200

/**
 * Serves each caller by the types of its organization: those of everybody, or, where it has extensions, the same with them. They are made when somebody first needs
 * them and again when the organization's revision is another one, which every call carries: a request costs no question more.
 */
export function servePerOrganization(
  mount: Mount<Call>,
  serve: Serve,
  load: (call: Call) => Promise<readonly Extension[]>,
): void {
  const kept = new Map<string, { readonly revision: number; readonly handlers: Promise<Handlers> }>()

  const handlersOf = (call: Call, revision: number): Promise<Handlers> => {
    const { organizationId } = call
    const known = kept.get(organizationId)
    if (known?.revision === revision) return known.handlers
    const handlers = load(call).then((extensions) => collect(serve, extensions))
    kept.delete(organizationId)
    kept.set(organizationId, { revision, handlers })
    handlers.catch(() => kept.delete(organizationId))
    const [oldest] = kept.keys()
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
    return handlers
  }

  serve((operation, handle) => {
    const handleOwn: typeof handle = async (call, incoming) => {
      const handlers = await handlersOf(call, call.extensionsRevision ?? 0)
      return handlerOf(handlers.get(operation.name), operation)(call, incoming)
    }
    mount(operation, (call, incoming) => (call.extensionsRevision === undefined ? handle : handleOwn)(call, incoming))
  }, [])
}

function collect(serve: Serve, extensions: readonly Extension[]): Handlers {
  const handlers = new Map<string, unknown>()
  serve((operation, handle) => {
    handlers.set(operation.name, handle)
  }, extensions)
  return handlers
}

function handlerOf<Op extends Operation>(handler: unknown, { name }: Op): Handler<Call, Op> {
  if (typeof handler !== 'function') throw new TypeError(`an organization's extensions took ${name} away`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was mounted for the operation of this name, which no extension changes
  return handler as Handler<Call, Op>
}
