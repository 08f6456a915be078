import { dialects } from '../../src/dialects/index.ts'
import { openProfiles } from './capabilities.ts'
import { cover } from './coverage.ts'
import { writeDocument } from './document.ts'
import { familyOf, readContract } from './statements.ts'
import { findNamedTests } from './tests.ts'

/** The dialects whose statements are counted, in the document's order. */
const counted = ['bird', 'messagebird', 'twilio', 'bandwidth', 'sinch', 'scim']

/** What `docs/dialects.md` has to say of a repository, and what is wrong with it. */
export function surveyDialects(root: string): {
  readonly document: string
  readonly faults: readonly string[]
  readonly statements: number
} {
  const contracts = counted.map((name) => readContract(root, name))
  const families = new Set(contracts.flatMap(({ statements }) => statements.map(({ id }) => familyOf(id))))
  const coverage = cover(contracts, findNamedTests(root, families))
  const chapters = coverage.contracts.map((contract) => {
    const dialect = dialects.find(({ name }) => name === contract.dialect)
    if (!dialect) throw new Error(`${contract.dialect} is no dialect of src/dialects/index.ts`)
    return { dialect, profiles: openProfiles(dialect), contract }
  })
  return {
    document: writeDocument(chapters),
    faults: coverage.faults,
    statements: coverage.contracts.reduce((sum, { statements }) => sum + statements.length, 0),
  }
}
