import { z } from 'zod'
import { scimUser } from './people.ts'
import { sendScim, type ScimServer } from './scim-client.ts'

/** How many operations a BulkRequest may have. */
export const bulkSize = 1_000

const Answer = z.object({
  Operations: z.array(z.object({ status: z.string(), location: z.string().optional(), response: z.json().optional() })),
})

export interface ImportOptions {
  readonly people: number
  /** How many requests are under way. */
  readonly atOnce: number
  /** Called after each request with how many people are there. */
  readonly onProgress: (people: number) => void
}

/** Creates so many people by Bulk; answers their ids in their order. Throws unless everybody is created. */
export async function importPeople(
  server: ScimServer,
  { people, atOnce, onProgress }: ImportOptions,
): Promise<readonly string[]> {
  const ids: string[] = Array.from({ length: people }, () => '')
  let next = 1
  let created = 0
  const work = async () => {
    for (;;) {
      const first = next
      const count = Math.min(bulkSize, people - first + 1)
      if (count <= 0) return
      next += count
      const Operations = Array.from({ length: count }, (_, index) => ({
        method: 'POST',
        path: '/Users',
        bulkId: String(index),
        data: scimUser(first + index),
      }))
      const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations }
      const answer = Answer.parse(await sendScim(server, 'POST', '/Bulk', body))
      for (const [index, { status, location = '', response }] of answer.Operations.entries()) {
        if (status !== '201') throw new Error(`person ${first + index} was answered ${status}: ${JSON.stringify(response)}`)
        ids[first + index - 1] = location.slice(location.lastIndexOf('/') + 1)
      }
      created += answer.Operations.length
      onProgress(created)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  if (created !== people) throw new Error(`${created} of ${people} people were created`)
  return ids
}
