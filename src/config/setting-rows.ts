import { expectation, schemaAt } from './faults.ts'
import { jsonSchema, type JsonSchema } from './schema.ts'
import { defaults, settings } from './settings.ts'

/** One setting of the file: NAME stands for a name of your own. */
export interface SettingRow {
  readonly path: string
  /** What it may be, in words. */
  readonly takes: string
  /** As JSON; undefined where it is not there unless it is named. */
  readonly default: string | undefined
  readonly description: string
}

/** Every setting that the file may name; those of a policy once, below `policy`. */
export function settingRows(): readonly SettingRow[] {
  const schema = jsonSchema()
  return [
    ...rowsBelow(schema, []),
    ...settings.map((setting): SettingRow => {
      const value = defaults[setting]
      return {
        ...rowOf(schema, ['defaults', setting]),
        path: `policy.${setting}`,
        default: value === undefined ? undefined : JSON.stringify(value),
      }
    }),
  ]
}

/** Down to the entries of connections and webhooks. */
function rowsBelow(schema: JsonSchema, path: readonly string[]): readonly SettingRow[] {
  const [{ properties = {}, additionalProperties } = {}] = schemaAt(schema, path)
  const names = Object.keys(properties)
  const isRecord = names.length === 0 && typeof additionalProperties === 'object' && path.length === 1
  if (isRecord && path[0] !== 'vendors') return rowsBelow(schema, [...path, 'NAME'])
  return names.flatMap((name) => {
    const here = [...path, name]
    return [rowOf(schema, here), ...(['connections', 'webhooks'].includes(here.join('.')) ? rowsBelow(schema, here) : [])]
  })
}

function rowOf(schema: JsonSchema, path: readonly string[]): SettingRow {
  const parents = schemaAt(schema, path.slice(0, -1))
  const own = parents.map(({ properties }) => properties?.[path.at(-1) ?? '']).find((each) => typeof each === 'object')
  return {
    path: path.join('.'),
    takes: expectation(schemaAt(schema, path)),
    default: undefined,
    description: own?.description ?? '',
  }
}
