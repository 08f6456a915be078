import { z } from 'zod'

/** A SCIM API, and what opens it. */
export interface ScimServer {
  /** Without a trailing slash. */
  readonly base: string
  readonly token: string
}

const Page = z.object({
  totalResults: z.int().optional(),
  nextCursor: z.string().optional(),
  Resources: z.array(z.looseObject({ id: z.string(), userName: z.string().optional() })).default([]),
})

/** One page of a list. */
export const scimPage = async (server: ScimServer, path: string): Promise<z.output<typeof Page>> =>
  Page.parse(await sendScim(server, 'GET', path))

/** Sends a request; answers the body, if there is any. Throws unless it is done. */
export async function sendScim({ base, token }: ScimServer, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 300)}`)
  return text === '' ? undefined : JSON.parse(text)
}
