import assert from 'node:assert/strict'
import { createRequire, registerHooks } from 'node:module'
import { test, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { addActive, laterApp, openFace, userIdOf, type Body } from '../../../tests/sinch.ts'

/** The part of @sinch/sdk-client 1.5.0, the vendor's own client, that authenticates, sends and pages. */
interface Sdk {
  readonly ApiFetchClient: new (options: object) => Api
  readonly Oauth2TokenRequest: new (keyId: string, keySecret: string, authHost: string, logger: null) => object
  readonly BasicAuthenticationRequest: new (keyId: string, keySecret: string) => object
  readonly PaginationEnum: { readonly TOKEN: unknown; readonly TOKEN2: unknown }
}
interface Api {
  prepareOptions(url: string, method: string, query: object, headers: object, body: string | undefined): Promise<Prepared>
  prepareUrl(hostname: string, query: object): string
  processCall(call: object): Promise<Body>
  processCallWithPagination(call: object): Promise<Page>
}
interface Prepared {
  readonly hostname: string
  readonly queryParams: object
}
interface Page {
  readonly data: readonly Readonly<Record<string, string>>[]
  readonly hasNextPage: boolean
  nextPage(): Promise<Page>
}
const require = createRequire(import.meta.url)
const ownPackage = new URL('../package.json', pathToFileURL(require.resolve('@sinch/sdk-client'))).href
// The client names its version after the package that bundles it, which is not needed here and not installed: its own will do.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@sinch/sdk-core/package.json'
      ? { url: ownPackage, format: 'json', shortCircuit: true }
      : next(specifier, context),
})
const sdk: Sdk = require('@sinch/sdk-client')

/** The real client, over a real socket, with nothing between it and the served API. */
async function openClient(t: TestContext, by: 'token' | 'basic' = 'token', aheadMs = () => 0) {
  const face = await openFace(t)
  const app = await laterApp(t, face.world, aheadMs)
  const base = `${await app.listen({ port: 0, host: '127.0.0.1' })}/sinch`
  const { keyId, keySecret } = face
  const plugin =
    by === 'token'
      ? new sdk.Oauth2TokenRequest(keyId, keySecret, base, null)
      : new sdk.BasicAuthenticationRequest(keyId, keySecret)
  const api = new sdk.ApiFetchClient({ hostname: base, projectId: face.projectId, logger: null, requestPlugins: [plugin] })
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
  const send = async (method: string, path: string, body?: object) => {
    const options = await api.prepareOptions(base + path, method, {}, headers, body && JSON.stringify(body))
    const url = api.prepareUrl(options.hostname, options.queryParams)
    return api.processCall({ url, requestOptions: options, apiName: 'Members', operationId: method })
  }
  const pages = async (path: string, query: object, names: { readonly pagination: unknown; readonly dataKey: string }) => {
    const options = await api.prepareOptions(base + path, 'GET', query, { Accept: 'application/json' }, undefined)
    const url = api.prepareUrl(options.hostname, options.queryParams)
    const first = await api.processCallWithPagination({
      url,
      requestOptions: options,
      apiName: 'Members',
      operationId: 'List',
      ...names,
    })
    const found: Page[] = []
    for (let page = first; ; page = await page.nextPage()) {
      found.push(page)
      if (!page.hasNextPage) return found
    }
  }
  const members = `/projects/${face.projectId}/members`
  return { face, send, pages, members, keys: `/projects/${face.projectId}/access-keys` }
}

for (const by of ['token', 'basic'] as const)
  test(`SNCH-05 the real client, by ${by}, invites, changes and removes a member`, async (t) => {
    const { face, send, members } = await openClient(t, by)
    const invited = await send('POST', members, { email: 'newuser@example.com', role: 'MEMBER' })
    assert.deepEqual(invited, { email: 'newuser@example.com', role: 'MEMBER', status: 'PENDING' })
    const id = await userIdOf(face, 'newuser@example.com')
    assert.deepEqual(await send('PATCH', `${members}/${id}`, { role: 'READONLY' }), {
      user_id: id,
      role: 'READONLY',
      status: 'PENDING',
    })
    assert.deepEqual(await send('DELETE', `${members}/${id}`), {})
    assert.deepEqual(await send('GET', members), { members: [], next_page_token: '' })
  })

test('SNCH-Q06 SNCH-P07 the real client walks every page, since no token has a sign that it mangles', async (t) => {
  const { face, pages, members } = await openClient(t)
  for (let index = 0; index < 9; index++) await addActive(face, `p${index}@example.com`)
  const found = await pages(members, { page_size: '2' }, { pagination: sdk.PaginationEnum.TOKEN2, dataKey: 'members' })
  assert.deepEqual(
    found.flatMap((page) => page.data.map((member) => member['email'])),
    Array.from({ length: 9 }, (_, index) => `p${index}@example.com`),
  )
  assert.equal(found.length, 5)
})

test('SNCH-28 the real client makes keys, lists them without secrets and deletes them', async (t) => {
  const { send, keys } = await openClient(t)
  const made = await send('POST', keys, { display_name: 'My Service Key' })
  assert.equal(made['display_name'], 'My Service Key')
  assert.ok(made['key_id'] && made['key_secret'])
  const { access_keys: list } = await send('GET', keys)
  assert.equal(list.length, 2)
  assert.ok(!JSON.stringify(list).includes(made['key_secret']))
  assert.deepEqual(await send('DELETE', `${keys}/${made['key_id']}`), {})
})

test('SNCH-P01 the real client pages the public API’s keys', async (t) => {
  const { face, pages } = await openClient(t)
  const path = `/v1/projects/${face.projectId}/accessKeys`
  await face.send('POST', `/sinch${path}`, { body: { displayName: 'Second' } })
  const found = await pages(path, { pageSize: '1' }, { pagination: sdk.PaginationEnum.TOKEN, dataKey: 'accessKeys' })
  assert.deepEqual(
    found.flatMap((page) => page.data.map((key) => key['displayName'])),
    ['Sinch access key', 'Second'],
  )
})

test('SNCH-Q01 the real client gives status and body of a refusal', async (t) => {
  const { send, members } = await openClient(t)
  await assert.rejects(
    send('POST', members, { email: 'a@example.com', role: 'BOSS' }),
    (error: Error & { statusCode?: number; data?: string }) => {
      assert.equal(error.statusCode, 400)
      assert.match(JSON.stringify(error.data), /INVALID_ARGUMENT/)
      return true
    },
  )
})

test('SNCH-46 SNCH-P05 the real client asks for a new token when its own is expired, and repeats the call once', async (t) => {
  let ahead = 0
  const { send, members } = await openClient(t, 'token', () => ahead)
  assert.deepEqual(await send('GET', members), { members: [], next_page_token: '' })
  ahead = 3_700_000
  assert.deepEqual(await send('GET', members), { members: [], next_page_token: '' })
})
