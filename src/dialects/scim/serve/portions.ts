import { project, type Projection } from '../project.ts'
import { isList } from '../resource.ts'
import type { IndexedType } from '../schema/resource-type.ts'
import type { Read } from './binding.ts'

/** A large resource as it is asked for, as JSON in portions. */
export async function* inPortions(
  { resource, list, portions }: Extract<Read, { readonly list: string }>,
  type: IndexedType,
  projection: Projection,
): AsyncGenerator<string> {
  const head = JSON.stringify(project(resource, type, projection)).slice(0, -1)
  let before = `${head},${JSON.stringify(list)}:[`
  let end = `${head}}`
  for await (const portion of portions) {
    const shown = project({ [list]: portion }, type, projection)[list]
    if (!isList(shown)) continue
    yield before + JSON.stringify(shown).slice(1, -1)
    before = ','
    end = ']}'
  }
  yield end
}
