import { DirectoryError } from '../../../directory/errors.ts'
import type { Shown } from '../resource-text.ts'
import { readResource } from '../validate.ts'
import type { Asking, Binding } from './binding.ts'
import type { BulkOperation } from './bulk-request.ts'

/** How many creations share a transaction at most: whoever else writes waits that long. */
const most = 100

/** The creations of one type at the head of the line that name no other operation, where the type creates many at once; none unless there are two. */
export function creationsAhead(
  waiting: readonly BulkOperation[],
  bindings: readonly Binding[],
): { readonly binding: Binding; readonly operations: readonly BulkOperation[] } | undefined {
  const [first] = waiting
  const binding = first && bindings.find(({ type }) => type.endpoint.toLowerCase() === first.path.toLowerCase())
  if (!binding?.createAll) return undefined
  const isCreation = ({ method, path, references }: BulkOperation) =>
    method === 'POST' && references.length === 0 && path.toLowerCase() === first?.path.toLowerCase()
  const other = waiting.slice(0, most).findIndex((operation) => !isCreation(operation))
  const operations = waiting.slice(0, other === -1 ? most : other)
  return operations.length > 1 ? { binding, operations } : undefined
}

/** Creates what the operations say, in one transaction. Undefined where one of them is refused: then nothing is done. */
export async function createTogether(
  { binding, operations }: NonNullable<ReturnType<typeof creationsAhead>>,
  asking: Asking,
): Promise<readonly Shown[] | undefined> {
  try {
    return await binding.createAll?.(
      asking,
      operations.map(({ data }) => readResource(data, binding.type)),
    )
  } catch (error) {
    if (error instanceof DirectoryError) return undefined
    throw error
  }
}
