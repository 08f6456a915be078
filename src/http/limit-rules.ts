import type { Dialect, LimitRule, RateRule } from '../dialects/dialect.ts'
import { ConfigError } from '../directory/errors.ts'

/** What holds for a dialect: one limit for everything, rules, none of which holds up nobody, or the figures that the dialect knows of its vendor. */
export type LimitSetting = Pick<RateRule, 'requests' | 'perSeconds'> | readonly LimitRule[] | 'documented'

/**
 * What holds up who tries secrets at an open operation, where the operator names no rule of their own for it: a client that keeps its token asks once an hour.
 */
export const tokenLimit: RateRule = { requests: 30, perSeconds: 3, of: 'tokens' }

/** The rules of each dialect. Throws ConfigError for a dialect that is not served, or has no figures of its own. */
export function limitRules(
  settings: Readonly<Record<string, LimitSetting>>,
  dialects: readonly Pick<Dialect, 'name' | 'documentedLimits'>[],
): ReadonlyMap<string, readonly LimitRule[]> {
  for (const name of Object.keys(settings))
    if (!dialects.some((served) => served.name === name))
      throw new ConfigError(
        `"limits" names "${name}", and there is no such API. There are: ${dialects.map((served) => served.name).join(', ')}.`,
      )
  return new Map(
    dialects.map((dialect) => {
      const setting = Object.hasOwn(settings, dialect.name) ? settings[dialect.name] : undefined
      const rules = setting === undefined ? [] : named(setting, dialect)
      const strange = rules.find(
        (rule) => rule.of === 'tokens' && (rule.plans !== undefined || rule.per !== undefined || !('requests' in rule)),
      )
      if (strange)
        throw new ConfigError(
          `"limits" of "${dialect.name}": a rule of "tokens" takes requests and perSeconds alone; whose they are is not known yet.`,
        )
      return [dialect.name, rules.some(({ of }) => of === 'tokens') ? rules : [...rules, tokenLimit]]
    }),
  )
}

function named(
  setting: LimitSetting,
  { name, documentedLimits }: Pick<Dialect, 'name' | 'documentedLimits'>,
): readonly LimitRule[] {
  if (setting !== 'documented') return isRules(setting) ? setting : [setting]
  if (!documentedLimits) throw new ConfigError(`The vendor of "${name}" documents no figures. Name some in "limits".`)
  return documentedLimits
}

const isRules = (setting: Exclude<LimitSetting, string>): setting is readonly LimitRule[] => Array.isArray(setting)
