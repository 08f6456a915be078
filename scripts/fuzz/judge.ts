import type { Dialect } from '../../src/dialects/dialect.ts'
import { z } from 'zod'
import type { Case } from './case.ts'
import type { Answer } from './raw-http.ts'

/** Something of another organization that no answer may hold: one fact in all its spellings. */
export type Canary = readonly string[]

/** The canaries that an answer gives away. One that the request named itself is no secret. */
export function leaksIn(
  answer: Answer,
  { request, canaries }: { readonly request: string; readonly canaries: readonly Canary[] },
): readonly string[] {
  const text = `${JSON.stringify(answer.headers)}\n${answer.body}`.toLowerCase()
  const asked = request.toLowerCase()
  return canaries.flatMap((spellings) =>
    spellings.some((spelling) => asked.includes(spelling))
      ? []
      : spellings.filter((spelling) => text.includes(spelling)).slice(0, 1),
  )
}

/** Whether the answer sends the caller away for a while because the connection is in quarantine, and says for how long. */
export const isHeldBack = ({ status, headers, body }: Answer): boolean =>
  status === 503 && headers['retry-after'] !== undefined && body.includes('is in quarantine since')

/** What is wrong with the shape of an error: not the dialect's own. Undefined when nothing is. */
export function shapeFault(answer: Answer, { dialect, broken, title }: Case): string | undefined {
  if (answer.status < 400 || title.startsWith('HEAD ')) return undefined
  const type = answer.headers['content-type'] ?? ''
  // What is not HTTP never reaches a dialect; it is answered with a plain problem.
  const shapes = broken || answer.status === 431 || answer.status === 408 ? [plain, shapeOf(dialect)] : [shapeOf(dialect)]
  return shapes.some((matches) => matches(type, answer.body))
    ? undefined
    : `${answer.status} ${type}: ${answer.body.slice(0, 200)}`
}

type Shape = (type: string, body: string) => boolean

const json = (schema: z.ZodType, body: string): boolean => {
  try {
    return schema.safeParse(JSON.parse(body)).success
  } catch {
    return false
  }
}

const problem = z.looseObject({ title: z.string(), status: z.int() })
const scimError = z.strictObject({
  schemas: z.tuple([z.literal('urn:ietf:params:scim:api:messages:2.0:Error')]),
  status: z.string().regex(/^\d{3}$/),
  scimType: z.string().optional(),
  detail: z.string(),
})
const bandwidthError = z.strictObject({ ResponseStatus: z.strictObject({ ErrorCode: z.string(), Description: z.string() }) })

/** A face of a vendor's own: the members that its clients read beside those of RFC 7644. */
const faceError = z.looseObject({ ...scimError.shape })
const birdError = z.looseObject({ code: z.string(), message: z.string() })
const messagebirdError = z.looseObject({
  errors: z.array(z.looseObject({ code: z.int(), description: z.string(), parameter: z.string().nullable() })).min(1),
})
const twilioError = z.looseObject({ code: z.int(), message: z.string(), more_info: z.string(), status: z.int() })
const sinchError = z.strictObject({ error: z.strictObject({ code: z.int(), message: z.string(), status: z.string() }) })
/** RFC 6749 §5.2. */
const clientError = z.strictObject({ error: z.string().regex(/^[a-z_]+$/), error_description: z.string() })
const tokenError = z.looseObject({ error: z.string() })

/** One of the vendor's own shapes, by the content type that goes with each. */
const either =
  (own: readonly z.ZodType[]): Shape =>
  (type, body) =>
    type.startsWith('application/scim+json')
      ? [faceError, ...own].some((schema) => json(schema, body))
      : type.startsWith('application/json') && own.some((schema) => json(schema, body))

const plain: Shape = (type, body) => type.startsWith('application/problem+json') && json(problem, body)
const shapes: Readonly<Record<string, Shape>> = {
  native: plain,
  scim: (type, body) =>
    type.startsWith('application/scim+json')
      ? json(scimError, body)
      : type.startsWith('application/json') && json(clientError, body),
  bandwidth: (type, body) =>
    type.startsWith('application/json')
      ? json(bandwidthError, body)
      : type.startsWith('application/xml') &&
        /^(<\?xml[^>]*\?>\s*)?<UserResponse><ResponseStatus><ErrorCode>[^<]+<\/ErrorCode><Description>[^<]+<\/Description><\/ResponseStatus><\/UserResponse>\s*$/.test(
          body,
        ),
  bird: either([birdError]),
  messagebird: either([messagebirdError]),
  twilio: either([twilioError]),
  sinch: either([sinchError, tokenError]),
}

function shapeOf(dialect: Dialect | undefined): Shape {
  const shape = dialect ? shapes[dialect.name] : plain
  if (!shape) throw new TypeError(`no error shape is known for ${dialect?.name}`)
  return shape
}
