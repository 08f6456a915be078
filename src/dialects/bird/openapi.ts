import { describe, type OpenApi } from '../../wire/describe.ts'
import type { Operation } from '../../wire/operation.ts'
import { operations } from './wire.ts'
import { DetailedError } from './wire-record.ts'

/** The refusals that Bird documents, by operation. */
const documented: ReadonlyMap<string, readonly number[]> = new Map([
  ['listOrganizationUsers', [404]],
  ['createOrganizationUser', [403, 404, 409, 422]],
  ['getOrganizationUser', [404]],
  ['updateOrganizationUser', [403, 404, 422]],
  ['deleteOrganizationUser', [404]],
])
/** Those that it does not: what any request may meet, a refused query, and the last owner (BIRD-Q01, Q02, Q03, Q08, Q17). */
const everywhere = [401, 403, 429, 500, 503]
const inAQuery = [422]
const inABody = [413, 415]

export const statusesOf = ({ name, query, request }: Operation): readonly number[] =>
  [
    ...new Set([...(documented.get(name) ?? []), ...everywhere, ...(query ? inAQuery : []), ...(request ? inABody : [])]),
  ].toSorted((a, b) => a - b)

/** The served API as OpenAPI 3.1. */
export const describeBird = (serverUrl: string): OpenApi =>
  describe(operations, {
    info: { title: 'Accounts', version: 'v1', summary: "Bird's organization users, as Rollcall serves them." },
    serverUrl,
    securityScheme: { type: 'http', scheme: 'AccessKey' },
    problem: { mediaTypes: ['application/json'], schema: DetailedError, statuses: everywhere, statusesOf },
  })
