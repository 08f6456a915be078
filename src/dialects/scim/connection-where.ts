import { applicationSchema, groupSuffix } from '../../directory/application.ts'
import type { Condition } from '../../directory/condition.ts'
import { fold } from '../../directory/fold.ts'
import type { Application } from './connection-call.ts'
import { refusal } from './errors.ts'
import { always, never } from './filter/compile.ts'

type Comparison = Extract<Condition, { readonly kind: 'compare' }>

/** Those whom an application's address lists, of whom the given condition holds as the application sees them: who is assigned, and whom the provider set to inactive. */
export function peopleOf(application: Application, where: Condition | undefined): Condition {
  const assigned = assignedTo(application)
  const inactive: Condition = {
    kind: 'compare',
    attribute: { names: ['attributes', applicationSchema, application.connectionId, 'active'] },
    operator: 'eq',
    value: { type: 'boolean', value: false },
  }
  const listed: Condition = { kind: 'or', of: [assigned, inactive] }
  return where ? { kind: 'and', of: [listed, rewrite(where, { application, assigned, inGroup: false })] } : listed
}

/** The application's own groups of which the condition holds, under the names that it gave them. */
export function groupsOf({ name }: Application, where: Condition | undefined): Condition {
  const own: Condition = {
    kind: 'compare',
    attribute: { names: ['displayName'] },
    operator: 'ew',
    value: { type: 'folded', value: fold(groupSuffix(name)) },
  }
  return where ? { kind: 'and', of: [own, renamed(where, name)] } : own
}

function assignedTo({ everyone, groupIds, membershipIds }: Application): Condition {
  if (everyone) return always
  const equal = (attribute: Comparison['attribute'], value: string): Condition => ({
    kind: 'compare',
    attribute,
    operator: 'eq',
    value: { type: 'text', value },
  })
  const of = [
    ...groupIds.map((id) => equal({ names: ['groups', 'value'], listAt: 0 }, id)),
    ...membershipIds.map((id) => equal({ names: ['id'] }, id)),
  ]
  return of.length > 0 ? { kind: 'or', of } : never
}

interface Sight {
  readonly application: Application
  readonly assigned: Condition
  /** Paths start at a group that a person is in. */
  readonly inGroup: boolean
}

function rewrite(part: Condition, sight: Sight): Condition {
  const { application, inGroup } = sight
  switch (part.kind) {
    case 'and':
    case 'or':
      return { ...part, of: part.of.map((each) => rewrite(each, sight)) }
    case 'not':
      return { ...part, of: rewrite(part.of, sight) }
    case 'never':
      return part
    case 'element':
      return part.attribute.names[0] === 'groups' ? { ...part, where: rewrite(part.where, { ...sight, inGroup: true }) } : part
    case 'present':
      return isExternalId(part.attribute, inGroup) ? { ...part, attribute: externalIdOf(application) } : part
    default: {
      const path = part.attribute.names.join('.')
      if (isExternalId(part.attribute, inGroup)) return { ...part, attribute: externalIdOf(application) }
      if (!inGroup && path === 'status') return statusSeen(part, sight)
      return path === (inGroup ? 'display' : 'groups.display') ? withSuffix(part, application.name) : part
    }
  }
}

const isExternalId = ({ names }: Comparison['attribute'], inGroup: boolean): boolean =>
  !inGroup && names.length === 1 && names[0] === 'externalId'
const externalIdOf = ({ connectionId }: Application): Comparison['attribute'] => ({
  names: ['attributes', applicationSchema, connectionId, 'externalId'],
})

/** Whoever is not assigned is suspended to the application; a suspension in the directory is none of its business. */
function statusSeen(part: Comparison, { assigned }: Sight): Condition {
  const held = (status: string): Condition => (holds(status, part) ? always : never)
  const active = (is: Condition): Condition => ({ kind: 'and', of: [assigned, is] })
  const invited: Condition = { ...part, operator: 'eq', value: { type: 'text', value: 'invited' } }
  return {
    kind: 'or',
    of: [
      { kind: 'and', of: [{ kind: 'not', of: assigned }, held('suspended')] },
      active({ kind: 'and', of: [invited, held('invited')] }),
      active({ kind: 'and', of: [{ kind: 'not', of: invited }, held('active')] }),
    ],
  }
}

function holds(status: string, { operator, value }: Comparison): boolean {
  if (value.type === 'null') return operator === 'ne'
  const other = String(value.value)
  const tests: Readonly<Record<Comparison['operator'], boolean>> = {
    eq: status === other,
    ne: status !== other,
    co: status.includes(other),
    sw: status.startsWith(other),
    ew: status.endsWith(other),
    gt: status > other,
    ge: status >= other,
    lt: status < other,
    le: status <= other,
  }
  return tests[operator]
}

function renamed(part: Condition, connectionName: string): Condition {
  switch (part.kind) {
    case 'and':
    case 'or':
      return { ...part, of: part.of.map((each) => renamed(each, connectionName)) }
    case 'not':
      return { ...part, of: renamed(part.of, connectionName) }
    case 'compare':
      return part.attribute.names.join('.') === 'displayName' ? withSuffix(part, connectionName) : part
    default:
      return part
  }
}

/** A comparison with a group's name as the application gave it. */
function withSuffix(part: Comparison, connectionName: string): Condition {
  const { operator, value } = part
  if (value.type !== 'text' && value.type !== 'folded') return part
  if (operator === 'sw') return part
  if (operator !== 'eq' && operator !== 'ne' && operator !== 'ew')
    throw refusal('invalidFilter', 'The name of a group is compared by eq, ne, sw or ew here.', 'displayName')
  const suffix = groupSuffix(connectionName)
  return { ...part, value: { ...value, value: value.value + (value.type === 'folded' ? fold(suffix) : suffix) } }
}
