import type { World } from './world.ts'

/** What JSON.parse answers; a test says what it expects by comparing. */
type Parsed = ReturnType<typeof JSON.parse>

export interface Asked {
  readonly status: number
  readonly type: string | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Parsed
}

/** Asks `/api/v1` of a world, as its owner unless another key is given. A text body goes as it is, anything else as JSON. */
export async function ask(
  world: Pick<World, 'app' | 'access'>,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  {
    body,
    key = world.access['native']?.['key'],
    headers = {},
  }: { readonly body?: unknown; readonly key?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Asked> {
  const reply = await world.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return {
    status: reply.statusCode,
    type: reply.headers['content-type']?.toString(),
    headers: reply.headers,
    body: reply.payload === '' ? undefined : JSON.parse(reply.payload),
  }
}
