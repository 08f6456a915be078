import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { familyOf } from './statements.ts'

/** A test that begins with the ids of the statements that it proves. */
export interface NamedTest {
  readonly file: string
  readonly ids: readonly string[]
}

/** The side that a test stands on; `either` where one file tests what serving and calling share. */
export type Place = 'served' | 'called' | 'either'

/** The first that matches a test's file holds. */
const places: readonly (readonly [RegExp, Place])[] = [
  [/^src\/dialects\/\w+\/connect(-\w+)*\.test\.ts$/, 'called'],
  [/^src\/dialects\/\w+\/(wire|password|sid)\.test\.ts$/, 'either'],
  [/^src\/(dialects|http|outbox)\//, 'served'],
  [/^src\/sync\//, 'called'],
]

export const placeOf = (file: string): Place => places.find(([pattern]) => pattern.test(file))?.[1] ?? 'either'

/** Every test below `src` and `tests` that begins with ids of these families. */
export function findNamedTests(root: string, families: ReadonlySet<string>): readonly NamedTest[] {
  return globSync(['src/**/*.test.ts', 'tests/**/*.test.ts'], { cwd: root })
    .toSorted()
    .flatMap((file) =>
      namedTestsIn(readFileSync(join(root, file), 'utf8')).map((ids) => ({
        file,
        ids: ids.filter((id) => families.has(familyOf(id))),
      })),
    )
    .filter(({ ids }) => ids.length > 0)
}

/** The ids that each test of a source begins with. A test that is skipped or left to do proves nothing and is not among them. */
export function namedTestsIn(source: string): readonly (readonly string[])[] {
  return [...source.matchAll(/\b(?:test|suite)\(\s*['"`]((?:[A-Z]{4}-[QP]?\d+ )+)/g)].map(([, ids = '']) => ids.trim().split(' '))
}
