import { familyOf, type Contract, type Statement } from './statements.ts'
import { placeOf, type NamedTest } from './tests.ts'

type Side = 'served' | 'called'

/** A statement with the files of the tests that prove it, side by side. */
export interface Proven extends Statement {
  readonly served: readonly string[]
  readonly called: readonly string[]
}

export interface Coverage {
  readonly contracts: readonly (Omit<Contract, 'statements'> & { readonly statements: readonly Proven[] })[]
  /** What is not as it is said, each with what to do. */
  readonly faults: readonly string[]
}

/** Holds statements and tests against each other: each side that a statement binds has a test standing there, and no other side has one. */
export function cover(contracts: readonly Contract[], tests: readonly NamedTest[]): Coverage {
  const faults = [...clashesIn(contracts)]
  const declared = new Set(contracts.flatMap(({ statements }) => statements.map(({ id }) => id)))
  for (const { file, ids } of tests)
    for (const id of ids) if (!declared.has(id)) faults.push(`${id} is named by a test in ${file} and declared nowhere.`)
  const filesOf = (id: string) => [...new Set(tests.filter(({ ids }) => ids.includes(id)).map(({ file }) => file))]
  const proven = contracts.map((contract) => ({
    ...contract,
    statements: contract.statements.map((statement) => {
      const files = filesOf(statement.id)
      faults.push(...faultsOf(statement, files, contract.file))
      return { ...statement, served: filesAt('served', statement, files), called: filesAt('called', statement, files) }
    }),
  }))
  return { contracts: proven, faults }
}

export const bindsSide = ({ binds }: Statement, side: Side): boolean => binds === side || binds === 'both'

function filesAt(side: Side, statement: Statement, files: readonly string[]): readonly string[] {
  return bindsSide(statement, side) ? files.filter((file) => [side, 'either'].includes(placeOf(file))) : []
}

function* faultsOf(statement: Statement, files: readonly string[], declaredIn: string): Iterable<string> {
  const { id, binds } = statement
  if (binds === 'neither') {
    if (files.length > 0)
      yield `${id} binds neither side in ${declaredIn}, and is tested in ${files.join(', ')}: say what it binds.`
    return
  }
  for (const side of ['served', 'called'] as const) {
    const there = files.filter((file) => placeOf(file) === side)
    if (bindsSide(statement, side) && filesAt(side, statement, files).length === 0)
      yield `${id} binds the side ${side}, and no test there begins with it (${files.join(', ') || 'nor anywhere else'}): write one, or mend ${declaredIn}.`
    if (!bindsSide(statement, side) && there.length > 0)
      yield `${id} does not bind the side ${side} in ${declaredIn}, and ${there.join(', ')} tests it there: say "both", or rename the test.`
  }
}

/** An id that stands twice, and a contract whose ids are not of one family. */
function* clashesIn(contracts: readonly Contract[]): Iterable<string> {
  const seen = new Set<string>()
  for (const { file, statements } of contracts) {
    const families = [...new Set(statements.map(({ id }) => familyOf(id)))]
    if (families.length !== 1)
      yield `${file} has statements of ${families.join(' and ') || 'no family'}: keep one family to a file.`
    for (const { id } of statements) {
      if (seen.has(id)) yield `${id} is declared twice, the second time in ${file}.`
      seen.add(id)
    }
  }
}
