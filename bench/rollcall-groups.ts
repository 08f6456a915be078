import { membersOf } from './people.ts'
import { pageSize } from './requests.ts'
import { scimPage, sendScim, type ScimServer } from './scim-client.ts'

const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
/** How many members one PATCH adds. */
const batchSize = 5_000

/** Makes the large group, and one of ten: nobody of the guests is in them. `ids` are the people's, in their order. */
export async function addGroups(
  server: ScimServer,
  ids: readonly string[],
): Promise<{ readonly group: string; readonly ten: string }> {
  const members = membersOf(ids.length).map((number) => ids[number - 1]!)
  return { group: await addGroup(server, 'Many', members), ten: await addGroup(server, 'Ten', members.slice(0, 10)) }
}

async function addGroup(server: ScimServer, displayName: string, ids: readonly string[]): Promise<string> {
  const { id } = (await sendScim(server, 'POST', '/Groups', { displayName })) as { readonly id: string }
  for (let first = 0; first < ids.length; first += batchSize) {
    const value = ids.slice(first, first + batchSize).map((each) => ({ value: each }))
    await sendScim(server, 'PATCH', `/Groups/${id}`, {
      schemas: [patchSchema],
      Operations: [{ op: 'add', path: 'members', value }],
    })
  }
  return id
}

/** The cursors of a whole walk, in its order. Throws when it does not show everybody once. */
export async function walkByCursor(server: ScimServer, people: number): Promise<readonly string[]> {
  const cursors: string[] = []
  const seen = new Set<string>()
  for (let cursor = ''; ;) {
    const page = await scimPage(server, `/Users?count=${pageSize}&cursor=${cursor}`)
    for (const { id } of page.Resources) seen.add(id)
    if (page.nextCursor === undefined) break
    cursor = page.nextCursor
    cursors.push(cursor)
  }
  if (seen.size !== people) throw new Error(`a walk by cursor showed ${seen.size} of ${people} people`)
  return cursors
}
