import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Operation } from '../../src/wire/operation.ts'
import { soundBytes } from './bodies.ts'
import { idsOf, toBytes, types, type Case, type Making, type Material, type Target } from './case.ts'
import type { Dice } from './dice.ts'
import { collectionAt } from './ids.ts'
import { keysFor } from './keys.ts'
import { sample, schemaOf, soundScimMessage, type JsonSchema } from './values.ts'
import { wildCase } from './wild.ts'

export const targetsOf = (dialects: readonly Dialect[]): readonly Target[] =>
  dialects.flatMap((dialect) => dialect.operations.map((operation) => ({ dialect, operation })))

/** How often every operation is asked for as it should be before anything hostile is. */
const soundRounds = 3

/** Makes requests for every operation of some dialects, in order and as they should be at first, hostile ones and some beside them afterwards. */
export function createCases(dialects: readonly Dialect[], dice: Dice): (material: Material) => Case {
  const targets = targetsOf(dialects)
  // What a dialect only refuses is asked for now and then.
  const offered = targets.filter(({ operation }) => operation.status < 400)
  const schemas = new Map<Operation, JsonSchema>()
  for (const { operation } of targets) if (operation.request) schemas.set(operation, schemaOf(operation.request.codec))
  const isRemoval = ({ operation }: Target) => operation.method === 'DELETE'
  const waiting = [targets.filter((target) => !isRemoval(target)), targets.filter(isRemoval)].flatMap((some) =>
    Array.from({ length: soundRounds }, () => some).flat(),
  )
  return (material) => {
    const target = waiting.shift()
    if (target) return soundCase(target, { schema: schemas.get(target.operation), dice, material })
    const picked = dice.pick(dice.chance(0.95) ? offered : targets)
    return wildCase(picked, { dialects, schema: schemas.get(picked.operation), dice, material })
  }
}

/** A request that the operation should take, as far as its schema tells. */
function soundCase({ dialect, operation }: Target, { schema, dice, material }: Making): Case {
  const [key] = operation.open ? [undefined] : shuffled(keysFor(dialect, operation, material.keys[dialect.name] ?? []), dice)
  const path = operation.path.replaceAll(/:\w+/g, (_name, offset: number) =>
    encodeURIComponent(dice.pick(material.own.get(collectionAt(dialect, operation.path, offset)) ?? ['none'])),
  )
  const format = operation.request?.media.at(-1)
  const ids = idsOf(dialect, material.own)
  const value = operation.request?.media.includes('scim')
    ? soundScimMessage(operation, dice)
    : (material.bodies[`${dialect.name}.${operation.name}`] ?? sample(schema, dice, { ids, texts: ids }))
  const body = format ? soundBytes(format, value) : Buffer.alloc(0)
  return {
    dialect,
    operation,
    aimed: true,
    request: toBytes(`${operation.method} ${dialect.basePath}${path}`, {
      host: '127.0.0.1',
      headers: [
        ...(key ? [`Authorization: ${key.authorization}`] : []),
        ...(format ? [`Content-Type: ${types[format]}`] : []),
        'Accept: application/json',
      ],
      body: operation.request ? { bytes: body, length: String(body.length) } : undefined,
    }),
    title: `${operation.method} ${dialect.basePath}${path}`.slice(0, 300),
    broken: false,
  }
}

const shuffled = <T>(items: readonly T[], dice: Dice): readonly T[] => (items.length > 0 ? [dice.pick(items)] : [])
