import { DirectoryError } from '../../../directory/errors.ts'
import type { Order } from '../../../directory/condition.ts'
import type { Json } from '../../../directory/json.ts'
import { refusal } from '../errors.ts'
import type { Filter } from '../filter/filter.ts'
import { FilterSyntaxError } from '../filter/lexer.ts'
import { parseFilter } from '../filter/parse.ts'
import { readProjection, splitNames, type Projection } from '../project.ts'
import { isList, isObject, namesUrn } from '../resource.ts'
import type { Columns } from '../filter/compile.ts'
import { findTarget, type IndexedType } from '../schema/resource-type.ts'
import { readSort } from './sort.ts'

/** How many resources a page has. */
export interface PageSize {
  readonly usual: number
  readonly most: number
}

/** What is looked for (RFC 7644 §3.4.2 and §3.4.3, RFC 9865). */
export interface SearchRequest {
  readonly filter: Filter | undefined
  readonly filterText: string | undefined
  /** Undefined where the walk is by position; empty at the start of a walk by cursor. */
  readonly cursor: string | undefined
  readonly order: Order | undefined
  /** From 1. */
  readonly startIndex: number
  /** From 0 to the most that a page has. */
  readonly count: number
  /** As it was sent, where it was. */
  readonly countAsked: number | undefined
  readonly projection: Projection
}

interface Parts {
  readonly filter?: string | undefined
  readonly startIndex?: string | number | undefined
  readonly count?: string | number | undefined
  readonly sortBy?: string | undefined
  readonly sortOrder?: string | undefined
  readonly cursor?: string | undefined
  readonly attributes: readonly string[]
  readonly excludedAttributes: readonly string[]
}

/** What is searched. */
export interface Searched {
  readonly type: IndexedType
  readonly columns: Columns
  readonly pageSize: PageSize
  /** Ways of listing beside position; across types, an attribute that this one does not have sorts nothing of it. What is not offered is ignored. */
  readonly listing: readonly Listing[]
}

export type Listing = 'sort' | 'sortAcross' | 'cursor'

export const searchSchema = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/** The search in a query. Throws invalidFilter, invalidValue, sensitive. */
export function readSearchQuery(
  searched: Searched,
  query: { readonly [Name in Exclude<keyof Parts, 'attributes'> | 'attributes']?: string | undefined },
): SearchRequest {
  const request = toSearch(searched, {
    ...query,
    attributes: splitNames(query.attributes),
    excludedAttributes: splitNames(query.excludedAttributes),
  })
  if (request.filter) refuseSensitive(request.filter, searched.type)
  return request
}

/** The search in the body of a POST to `/.search`. Throws malformed, invalidSyntax, invalidFilter, invalidValue. */
export function readSearchBody(searched: Searched, body: unknown): SearchRequest {
  if (!isObject(body)) throw new DirectoryError('malformed', 'Send a JSON object with a SearchRequest.')
  const members = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value ?? null] as const))
  const schemas = members.get('schemas')
  if (!isList(schemas) || !namesUrn(schemas, searchSchema))
    throw refusal('invalidSyntax', `schemas must name ${searchSchema}.`, 'schemas')
  const filter = members.get('filter') ?? undefined
  if (filter !== undefined && typeof filter !== 'string') throw refusal('invalidFilter', 'filter must be text.', 'filter')
  return toSearch(searched, {
    filter,
    startIndex: toNumberOrText(members.get('startindex'), 'startIndex'),
    count: toNumberOrText(members.get('count'), 'count'),
    sortBy: toText(members.get('sortby'), 'sortBy'),
    sortOrder: toText(members.get('sortorder'), 'sortOrder'),
    cursor: toText(members.get('cursor'), 'cursor'),
    attributes: toNames(members.get('attributes'), 'attributes'),
    excludedAttributes: toNames(members.get('excludedattributes'), 'excludedAttributes'),
  })
}

function toSearch(
  { type, columns, pageSize, listing }: Searched,
  { filter, startIndex, count, sortBy, sortOrder, cursor, attributes, excludedAttributes }: Parts,
): SearchRequest {
  const countAsked = toInteger(count, 'count')
  const byCursor = cursor !== undefined && listing.includes('cursor')
  if (byCursor && countAsked !== undefined && countAsked > pageSize.most)
    throw refusal('invalidCount', `count is at most ${pageSize.most}.`, 'count')
  return {
    filter: filter === undefined ? undefined : readFilter(filter),
    filterText: filter,
    cursor: byCursor ? cursor : undefined,
    order: isSorted({ type, listing }, sortBy) ? readSort({ sortBy, sortOrder }, { type, columns }) : undefined,
    startIndex: Math.max(1, toInteger(startIndex, 'startIndex') ?? 1),
    count: Math.min(pageSize.most, Math.max(0, countAsked ?? pageSize.usual)),
    countAsked,
    projection: readProjection(type, attributes, excludedAttributes),
  }
}

const isSorted = ({ type, listing }: Pick<Searched, 'type' | 'listing'>, sortBy: string | undefined): boolean =>
  listing.includes('sort') || (listing.includes('sortAcross') && findTarget(type, sortBy ?? '') !== undefined)

/** A value that is never shown has no place in an address, where logs keep it (RFC 7644 §7.5.2). */
function refuseSensitive(filter: Filter, type: IndexedType): void {
  for (const name of attributesOf(filter))
    if (findTarget(type, name)?.attribute.returned === 'never')
      throw new DirectoryError('forbidden', `${name.slice(0, 100)} cannot be asked for in an address.`, {
        code: 'sensitive',
        field: 'filter',
      })
}

function attributesOf(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(attributesOf)
    case 'not':
      return attributesOf(filter.of)
    default:
      return [filter.attribute]
  }
}

function readFilter(text: string): Filter {
  try {
    return parseFilter(text)
  } catch (error) {
    if (error instanceof FilterSyntaxError)
      throw refusal('invalidFilter', `The filter is wrong at character ${error.at + 1}: ${error.message}`, 'filter')
    throw error
  }
}

function toInteger(value: string | number | undefined, name: string): number | undefined {
  if (value === undefined || value === '') return undefined
  const digits = String(value).trim()
  if (!/^[-+]?\d{1,15}$/.test(digits)) throw refusal('invalidValue', `${name} must be a whole number.`, name)
  return Number(digits)
}

function toText(value: Json | undefined, name: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw refusal('invalidValue', `${name} must be text.`, name)
}

function toNumberOrText(value: Json | undefined, name: string): string | number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' || typeof value === 'number') return value
  throw refusal('invalidValue', `${name} must be a whole number.`, name)
}

function toNames(value: Json | undefined, name: string): readonly string[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return splitNames(value)
  if (isList(value) && value.every((item) => typeof item === 'string')) return value.flatMap(splitNames)
  throw refusal('invalidValue', `${name} must be a list of names.`, name)
}
