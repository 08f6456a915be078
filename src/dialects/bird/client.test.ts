import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { BirdClient, BirdConflictError, BirdNotFoundError, BirdValidationError } from '@messagebird/sdk'
import { openBird, type BirdJson } from '../../../tests/bird.ts'
import type { WorldOptions } from '../../../tests/world.ts'

/** The real client of Bird's newer platform, over a real socket. Its own Bearer header can be replaced by its fetch alone. */
async function openClient(t: TestContext, options?: WorldOptions) {
  const face = await openBird(t, options)
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  const bird = new BirdClient({
    apiKey: 'bk_eu1_secret',
    baseUrl: `${origin}/bird`,
    maxRetries: 0,
    fetch: (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, init)
      request.headers.set('authorization', `AccessKey ${face.accessKey}`)
      return fetch(request)
    },
  })
  const path = `/organizations/${face.organizationId}/users`
  const send = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', at: string, rest: object = {}): Promise<BirdJson> =>
    bird.request({ method, path: at, ...rest })
  return { face, send, path }
}

test('the real client invites, lists, reads, changes and removes a member', async (t) => {
  const { send, path } = await openClient(t)
  await send('POST', path, { body: { name: 'Jane', email: 'jane@e.com' } })
  const list = await send('GET', path, { query: { limit: 10, reverse: true } })
  const [{ user }] = list.results
  assert.deepEqual([list.results.length, user.defaultEmail, list.nextPageToken], [1, 'jane@e.com', ''])
  const roles = ['managed:organization_admin']
  const changed = await send('PATCH', `${path}/${user.id}`, { body: { attributes: { roles } } })
  assert.deepEqual(changed.attributes, { roles })
  assert.deepEqual((await send('GET', `${path}/${user.id}`)).teamRoles, [])
  assert.equal(await send('DELETE', `${path}/${user.id}`), undefined)
  await assert.rejects(send('GET', `${path}/${user.id}`), BirdNotFoundError)
})

test('the real client walks pages by the token', async (t) => {
  const { send, path } = await openClient(t)
  for (const name of ['a', 'b', 'c']) await send('POST', path, { body: { name, email: `${name}@e.com` } })
  const names: string[] = []
  for (let pageToken: string | undefined; ;) {
    const page = await send('GET', path, { query: { limit: 1, ...(pageToken && { pageToken }) } })
    names.push(...page.results.map((membership: { user: { name: string } }) => membership.user.name))
    pageToken = page.nextPageToken
    if (!pageToken) break
  }
  assert.deepEqual(names, ['a', 'b', 'c'])
})

test('the real client knows each refusal by its class, code and message', async (t) => {
  const { send, path } = await openClient(t)
  const jane = { name: 'Jane', email: 'jane@e.com' }
  await send('POST', path, { body: jane })
  const refused = async (sent: Promise<unknown>) => {
    try {
      await sent
    } catch (error) {
      return error as Error & { code: string }
    }
    return assert.fail('it was accepted')
  }
  const conflict = await refused(send('POST', path, { body: jane }))
  assert.ok(conflict instanceof BirdConflictError)
  assert.equal(conflict.code, 'AlreadyExists')
  const invalid = await refused(send('POST', path, { body: { name: 'x' } }))
  assert.ok(invalid instanceof BirdValidationError)
  assert.match(invalid.message, /email/)
  const unknown = await refused(send('DELETE', `${path}/00000000-0000-4000-8000-000000000000`))
  assert.ok(unknown instanceof BirdNotFoundError)
  assert.equal(unknown.code, 'NotFound')
})
