import type { z } from 'zod'
import type { JsonSchema } from './schema.ts'
import type { Fault, Path, ReadText } from './text.ts'

/** What a schema refuses, in sentences that say what is wanted and repeat no value, each at its place. */
export function faultsOf(issues: readonly z.core.$ZodIssue[], text: ReadText, schema: JsonSchema): readonly Fault[] {
  return issues.flatMap((issue) => {
    const path = pathOf(issue.path)
    if (issue.code === 'invalid_union') {
      const branch = issue.errors.find((errors) => errors.length > 0 && errors.every(({ path: [first] }) => first !== undefined))
      if (branch)
        return faultsOf(
          branch.map((inner) => ({ ...inner, path: [...path, ...inner.path] })),
          text,
          schema,
        )
    }
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        ...text.placeOfName([...path, key]),
        path: spelled([...path, key]),
        message: unknownName(key, namesAt(schemaAt(schema, path))),
      }))
    const schemas = schemaAt(schema, path)
    const wanted = expectation(schemas)
    const value = valueAt(text.value, path)
    if (value === undefined)
      return [{ ...text.placeOfName(path.slice(0, -1)), path: spelled(path), message: `This is missing. It must be ${wanted}.` }]
    const isSecret = path[0] === 'connections' && path[2] === 'credentials' && path.length < 5 && typeof value === 'string'
    const near =
      typeof value === 'string'
        ? nearest(
            value,
            schemas.flatMap((each) => (each.enum ?? []).map(String)),
          )
        : undefined
    return [
      {
        ...text.placeOf(path),
        path: spelled(path),
        message: isSecret ? secretInClear : `It must be ${wanted}.${near === undefined ? '' : ` Did you mean "${near}"?`}`,
      },
    ]
  })
}

const secretInClear =
  'A secret does not stand in this file. Put it into an environment variable and write ${env:NAME} here, or into a file of its own and write ${file:PATH}. If it was a real one, whoever read this file knows it: replace it at the vendor.'

export const spelled = (path: Path): string => path.join('.')

const pathOf = (path: readonly PropertyKey[]): Path => path.map((step) => (typeof step === 'number' ? step : String(step)))

export function unknownName(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  if (near !== undefined) return `There is no "${name}". Did you mean "${near}"?`
  return known.length === 0 ? `There is no "${name}".` : `There is no "${name}". There are: ${known.join(', ')}.`
}

/** The known one that a slip of the pen may stand for. */
function nearest(name: string, known: readonly string[]): string | undefined {
  return known
    .map((one) => ({ one, far: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ one, far }) => far <= Math.max(1, Math.floor(one.length / 3)))
    .toSorted((a, b) => a.far - b.far)[0]?.one
}

/** How many letters have to be put in, taken out, changed or exchanged with their neighbour. */
function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, index) => index)]
  for (let at = 1; at <= from.length; at++) {
    const row = [at]
    for (let other = 1; other <= to.length; other++) {
      const same = from[at - 1] === to[other - 1] ? 0 : 1
      const swapped = at > 1 && other > 1 && from[at - 1] === to[other - 2] && from[at - 2] === to[other - 1]
      row.push(
        Math.min(
          (rows[at - 1]?.[other] ?? 0) + 1,
          (row[other - 1] ?? 0) + 1,
          (rows[at - 1]?.[other - 1] ?? 0) + same,
          swapped ? (rows[at - 2]?.[other - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    rows.push(row)
  }
  return rows.at(-1)?.at(-1) ?? 0
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(
    (inner: unknown, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  )
}

/** Every schema that a setting may follow: a union has one for each of its kinds. */
export function schemaAt(schema: JsonSchema, path: Path): readonly JsonSchema[] {
  return path.reduce<readonly JsonSchema[]>((schemas, step) => schemas.flatMap((each) => below(each, step)), kinds(schema))
}

const kinds = (schema: JsonSchema): readonly JsonSchema[] =>
  (schema.anyOf ?? schema.oneOf)?.flatMap((each) => (typeof each === 'object' ? kinds({ ...each }) : [])) ?? [schema]

function below({ properties, additionalProperties, items }: JsonSchema, step: string | number): readonly JsonSchema[] {
  const next =
    typeof step === 'number' ? items : properties && Object.hasOwn(properties, step) ? properties[step] : additionalProperties
  return typeof next === 'object' && !Array.isArray(next) ? kinds(next) : []
}

const namesAt = (schemas: readonly JsonSchema[]): readonly string[] => [
  ...new Set(schemas.flatMap(({ properties = {} }) => Object.keys(properties))),
]

/** What may stand there, in words. */
export const expectation = (schemas: readonly JsonSchema[]): string =>
  [...new Set(schemas.map(inWords))].join(', or ') || 'something else'

function inWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return String(schema.const)
  if (schema.enum) return `one of ${schema.enum.map(String).join(', ')}`
  if (schema.type === 'boolean') return 'true or false'
  if (schema.type === 'integer') return `a whole number${range(schema)}`
  if (schema.type === 'number') return `a number${range(schema)}`
  if (schema.type === 'array') {
    const items = schemaAt(schema, [0])
    return items.some((item) => item.enum)
      ? `a list of ${items.map((item) => item.enum?.map(String).join(', ') ?? inWords(item)).join(', or ')}`
      : 'a list'
  }
  if (schema.type === 'null') return 'null'
  if (schema.type === 'object') {
    const names = Object.keys(schema.properties ?? {})
    return names.length > 0 && names.length < 10 ? `a map of ${names.join(', ')}` : 'a map of names to values'
  }
  if (schema.pattern?.startsWith('^\\$')) return schema.pattern.includes('env') ? '${env:NAME} or ${file:PATH}' : '${file:PATH}'
  if (schema.format === 'uuid' || schema.pattern) return 'an id'
  return 'text'
}

function range({ minimum, maximum }: JsonSchema): string {
  const from = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum
  const to = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`
  return from === undefined ? '' : ` of at least ${from}`
}
