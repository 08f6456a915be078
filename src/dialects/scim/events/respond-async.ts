import { asReader, type Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { JsonObject } from '../../../directory/json.ts'
import type { Operation } from '../../../wire/operation.ts'
import type { Accepted, Mount, Outgoing } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { scimProblem } from '../errors.ts'

type Services = Pick<ServeServices, 'directory' | 'baseUrlOf'>

/**
 * A Mount whose handlers answer by an event where the caller asks for that (RFC 9967 §2.5.1): 202 once what became of the request is written down, and the
 * answer as `misc:asyncresp` to whoever takes the organization's events. A caller that would rather wait (`wait`, RFC 7240 §4.3), and one whose
 * organization has nobody who takes events, is answered at once.
 */
export const answeringLater =
  (mount: Mount<Call>, services: Services): Mount<Call> =>
  (operation, handle) => {
    if (!isOffered(operation)) return mount(operation, handle)
    mount(operation, async (call, incoming) => {
      const { directory } = services
      if (!prefersLater(incoming.headers['prefer'])) return handle(call, incoming)
      if (!(await directory.tellsEvents(asReader(call), undefined))) return handle(call, incoming)
      const base = services.baseUrlOf(call)
      const asked = operation.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(incoming.params[name] ?? ''))
      const answer = await answerOf(() => handle(call, incoming), operation.status)
      const location = answer.location ?? base + asked
      await directory.recordAnswer(call, { ...answer, method: operation.method, location, path: location.slice(base.length) })
      const headers = { 'Set-Txn': call.requestId, 'Preference-Applied': 'respond-async', Location: location }
      const accepted: Accepted = { status: 202, value: undefined, headers }
      return accepted
    })
  }

const isOffered = ({ alsoStatus = [] }: Operation): boolean => alsoStatus.includes(202)

/** Whether the header asks for an answer later, and not for a wait before that: no request takes as long as a second. */
function prefersLater(header: string | undefined): boolean {
  const preferences = (header ?? '')
    .toLowerCase()
    .split(/[,;]/)
    .map((each) => each.trim())
  return preferences.includes('respond-async') && !preferences.some((each) => /^wait *= *"?[1-9]/.test(each))
}

/** As RFC 7644 §3.7.3 tells of an operation: its status, where the resource is, and the error where it failed. */
async function answerOf(
  handle: () => Promise<Outgoing<unknown> | Accepted>,
  usual: number,
): Promise<JsonObject & { readonly location?: string | undefined }> {
  try {
    const { status = usual, headers = {} } = await handle()
    return { status: String(status), location: headers['Location'] ?? headers['Content-Location'] }
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error
    const { refusal, message, field, code, retryAfterSeconds } = error
    const { status, text } = scimProblem({ refusal, message, field, code, retryAfterSeconds, requestId: '' })
    return { status: String(status), response: JSON.parse(text) }
  }
}
