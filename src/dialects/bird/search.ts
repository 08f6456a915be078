import type { Condition } from '../../directory/condition.ts'

/** At how many of its spaces a term is tried as a first and a last name. */
const maxSplits = 8

/** Members whose name, user name or address holds the folded term; a first name before a last name counts as one name. */
export function nameContains(term: string): Condition {
  const spaces = Array.from(term.matchAll(/ /g), ({ index }) => index).slice(0, maxSplits)
  return {
    kind: 'or',
    of: [
      ...names.map((path) => compare(path, 'co', term)),
      compare(['userName'], 'co', term),
      {
        kind: 'compare',
        attribute: { names: ['emails', 'value'], listAt: 0 },
        operator: 'co',
        value: { type: 'folded', value: term },
      },
      ...spaces.map((at): Condition => ({
        kind: 'and',
        of: [compare(['name', 'givenName'], 'ew', term.slice(0, at)), compare(['name', 'familyName'], 'sw', term.slice(at + 1))],
      })),
    ],
  }
}

const names = [['displayName'], ['name', 'formatted'], ['name', 'givenName'], ['name', 'familyName']] as const

const compare = (path: readonly string[], operator: 'co' | 'sw' | 'ew', value: string): Condition => ({
  kind: 'compare',
  attribute: { names: path },
  operator,
  value: { type: 'folded', value },
})
