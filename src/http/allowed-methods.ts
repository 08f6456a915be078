import type { Operation } from '../wire/operation.ts'

/** The methods of the operations whose path matches, in the order they are declared; HEAD goes with GET. `url` is below the dialect's base. */
export function allowedMethods(operations: readonly Operation[], url: string): readonly string[] {
  const path = url.split('?', 1)[0]!
  const methods = operations.filter((operation) => pathMatches(operation.path, path)).map(({ method }) => method)
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
}

function pathMatches(pattern: string, path: string): boolean {
  const expected = pattern.split('/')
  const actual = path.split('/')
  return (
    expected.length === actual.length &&
    expected.every((part, at) => (part.startsWith(':') ? actual[at] !== '' : part === actual[at]))
  )
}
