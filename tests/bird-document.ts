import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

const file = new URL('../src/dialects/bird/fixtures/accounts-v1.json', import.meta.url)
/** Bird's own five documents, merged, without their texts. */
export const document = JSON.parse(readFileSync(file, 'utf8'))

/** The formats that a validator of these documents has to assert; without `phone-number`, `**hidden**` is both branches of its oneOf (BIRD-27). */
export const formats: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  email: /^[^\s@]+@[^\s@]+$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
  'phone-number': /^\+[1-9][0-9]{4,14}$/,
  timezone: /^[A-Za-z_]+(?:\/[A-Za-z_+-]+[0-9]*)*$/,
  'locale-bcp47': /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/,
}

/** A validator for a schema of the document, by its place in it. */
export function validatorOf(pointer: string, asserted: Readonly<Record<string, RegExp | true>> = formats): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: asserted })
  ajv.addSchema({ ...document, $id: 'bird' })
  return ajv.compile({ $ref: `bird#${pointer}` })
}

const validators = new Map<string, ValidateFunction>()
const escaped = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')

/** Fails unless the answer is one that Bird documents for the operation, or an error in its shape. */
export function documentedAnswer(answer: {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly body: unknown
}): void {
  const { method, path, status, body } = answer
  const place = /\/users\/[^/?]+$/.test(path)
    ? '/organizations/{organizationId}/users/{userId}'
    : '/organizations/{organizationId}/users'
  const responses = document.paths[place][method.toLowerCase()]?.responses ?? {}
  const response = responses[status]
  if (status === 204) return assert.equal(body, undefined)
  if (!response) assert.ok(status >= 400, `${method} ${path} answered ${status}, which is not documented`)
  const pointer = !response
    ? '/components/schemas/Error'
    : response.$ref
      ? `${response.$ref.slice(1)}/content/application~1json/schema`
      : `/paths/${escaped(place)}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`
  const validate = validators.get(pointer) ?? validatorOf(pointer)
  validators.set(pointer, validate)
  assert.ok(validate(body), `${method} ${path} ${status}: ${JSON.stringify(validate.errors)}`)
}
