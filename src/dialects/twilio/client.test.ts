import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test, type TestContext } from 'node:test'
import type TwilioExport from 'twilio'
import type { Twilio } from 'twilio'
import type Pages from 'twilio/lib/base/Page.js'
import type { TwilioResponsePayload } from 'twilio/lib/base/Page.js'
import type Versions from 'twilio/lib/base/Version.js'
import type Providers from 'twilio/lib/credential_provider/OrgsCredentialProvider.js'
import { jane, openTwilio, roleSid, type Face } from '../../../tests/twilio.ts'
import type { WorldOptions } from '../../../tests/world.ts'

/** twilio 6.2.0, the vendor's own client, as it is installed. */
const require = createRequire(import.meta.url)
const twilio: typeof TwilioExport = require('twilio')
const { OrgsCredentialProviderBuilder }: typeof Providers = require('twilio/lib/credential_provider/OrgsCredentialProvider')
const { default: Version }: typeof Versions = require('twilio/lib/base/Version')
const { default: Page }: typeof Pages = require('twilio/lib/base/Page')

interface Failure {
  readonly status: number
  readonly code: number
  readonly message: string
  readonly moreInfo: string
}

/** The real client over a real socket, and nothing between it and the served API. */
async function openClient(t: TestContext, options: WorldOptions = {}) {
  const face = await openTwilio(t, options)
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  const base = `${origin}/twilio`
  const point = (client: Twilio): Twilio => {
    for (const domain of [client.accounts, client.api, client.previewIam, client.iam]) domain.baseUrl = base
    return client
  }
  const { accountSid, authToken, apiKeySid, apiKeySecret, orgKeySecret, organizationSid } = face.access
  const org = point(twilio())
  org.setCredentialProvider(
    new OrgsCredentialProviderBuilder()
      .setClientId('OQ1')
      .setClientSecret('unused')
      .setTokenManager({ fetchToken: async () => orgKeySecret })
      .build(),
  )
  return {
    face,
    base,
    account: point(twilio(accountSid, authToken)),
    key: point(twilio(apiKeySid, apiKeySecret, { accountSid })),
    retrying: point(twilio(accountSid, authToken, { autoRetry: true, maxRetries: 3, maxRetryDelay: 50 })),
    organization: org.previewIam.organization(organizationSid),
    users: `/Organizations/${organizationSid}/Users`,
  }
}

async function failure(work: Promise<unknown>): Promise<Failure> {
  try {
    await work
  } catch (error) {
    const { status, code, message, moreInfo } = error as Failure
    return { status, code, message, moreInfo }
  }
  return assert.fail('it was accepted')
}

/** The users of the guide through the client's own paging, which has no class for them. */
function usersOf(client: Twilio, uri: string) {
  const version = new Version(client.accounts, 'v1')
  class UserPage extends Page<typeof version, TwilioResponsePayload, { sid: string }, { sid: string }> {
    override getInstance(payload: { sid: string }) {
      return payload
    }
  }
  return {
    version,
    list: async (pageSize: number): Promise<string[]> => {
      const headers = { Accept: 'application/json' }
      const found: string[] = []
      const first = await version.page({ uri, method: 'get', params: { PageSize: pageSize }, headers })
      for (let page: InstanceType<typeof UserPage> | undefined = new UserPage(version, first, {}); page;) {
        found.push(...page.instances.map(({ sid }) => sid))
        const url: string | undefined = page.nextPageUrl
        page = url ? new UserPage(version, await client.request({ method: 'get', uri: url }), {}) : undefined
      }
      return found
    },
  }
}

const create = async (face: Face, Email: string) => (await face.send('POST', face.users, { body: { Email } })).json.sid

test('TWIL-14 the real client creates with a form, its spaces as %20, and updates, reads and removes', async (t) => {
  const { face, account, users } = await openClient(t)
  const { version } = usersOf(account, users)
  const form = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' }
  const RoleSid = await roleSid(face, 'Admin')
  const data = { ...jane, RoleSid }
  const made = await version.create({ uri: users, method: 'post', data, headers: { ...form } })
  assert.deepEqual([made.email, made.friendly_name, made.role_sid], [jane.Email, 'Jane Doe', RoleSid])
  const uri = `${users}/${made.sid}`
  const changed = await version.update({ uri, method: 'post', data: { FriendlyName: 'J D' }, headers: { ...form } })
  assert.deepEqual([changed.friendly_name, changed.role_sid], ['J D', RoleSid])
  assert.equal((await version.fetch({ uri, method: 'get', headers: {} })).friendly_name, 'J D')
  assert.equal(await version.remove({ uri, method: 'delete', headers: {} }), true)
  const gone = await failure(version.fetch({ uri, method: 'get', headers: {} }))
  assert.deepEqual([gone.status, gone.code, gone.moreInfo], [404, 20404, 'https://www.twilio.com/docs/errors/20404'])
  assert.match(gone.message, /member|user/)
})

test('TWIL-09 TWIL-11 the real client follows the pages of the guide’s list to the end', async (t) => {
  const { face, account, users, base } = await openClient(t)
  const made = [await create(face, 'a@example.com'), await create(face, 'b@example.com'), await create(face, 'c@example.com')]
  // The links of this world carry its public URL; the client takes them as they are.
  const { json } = await face.send('GET', `${face.users}?PageSize=1`)
  assert.match(String(json.meta['next_page_url']), /^http:\/\/rollcall\.test\/twilio\//)
  const request = account.request.bind(account)
  account.request = async (options) =>
    request({ ...options, ...(options.uri && { uri: options.uri.replace('http://rollcall.test/twilio', base) }) })
  assert.deepEqual(await usersOf(account, users).list(1), made)
})

test('TWIL-02 the real client works with an API key', async (t) => {
  const { face, key, users } = await openClient(t)
  const sid = await create(face, 'a@example.com')
  assert.deepEqual(await usersOf(key, users).list(50), [sid])
})

test('TWIL-31 TWIL-32 TWIL-P09 the real client lists subaccounts over several pages, and reads one', async (t) => {
  const { face, account } = await openClient(t)
  for (const name of ['MySub', 'MySub', 'Other']) await face.world.home.directory.createWorkspace(face.world.call(), { name })
  const found = await account.api.v2010.accounts.list({ friendlyName: 'MySub', pageSize: 1 })
  assert.deepEqual(
    found.map(({ friendlyName, status, ownerAccountSid }) => ({ friendlyName, status, ownerAccountSid })),
    [1, 2].map(() => ({ friendlyName: 'MySub', status: 'active', ownerAccountSid: face.access.accountSid })),
  )
  assert.ok(found[0]?.dateCreated instanceof Date && !Number.isNaN(found[0].dateCreated.getTime()))
  assert.equal((await account.api.v2010.accounts(found[0].sid).fetch()).friendlyName, 'MySub')
})

test('TWIL-P09 the real client makes a subaccount', async (t) => {
  const { account } = await openClient(t)
  const { sid, friendlyName } = await account.api.v2010.accounts.create({ friendlyName: 'My Sub' })
  assert.equal(friendlyName, 'My Sub')
  assert.deepEqual(
    (await account.api.v2010.accounts.list()).map((found) => found.sid),
    [sid],
  )
})

test('TWIL-P01 TWIL-P10 the real client works SCIM users by preview-iam', async (t) => {
  const { organization } = await openClient(t)
  const { users } = organization
  const made = await users.create({
    userName: 'n@example.com',
    name: { givenName: 'N' },
    emails: [{ primary: true, value: 'n@example.com' }],
  })
  assert.match(made.id, /^US[0-9a-f]{32}$/)
  const [found, ...others] = await users.list({ filter: 'userName eq "n@example.com"' })
  assert.deepEqual([found?.id, found?.userName, others], [made.id, 'n@example.com', []])
  const { meta } = await users(made.id).fetch()
  const replaced = await users(made.id).update(
    { userName: 'n@example.com', active: true, name: { familyName: 'M' } },
    { 'If-Match': meta.version },
  )
  assert.deepEqual([replaced.name.givenName, replaced.name.familyName], [undefined, 'M'])
  const patched = await users(made.id).patch({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'active', value: false }],
  } as unknown as Parameters<ReturnType<typeof users>['patch']>[0])
  assert.equal(patched.active, false)
  const typed = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    operations: [{ op: 'replace', path: 'active', value: true }],
  }
  assert.equal((await users(made.id).patch(typed as unknown as Parameters<ReturnType<typeof users>['patch']>[0])).active, true)
  assert.equal(await users(made.id).remove(), true)
  const gone = await failure(users(made.id).fetch())
  assert.deepEqual([gone.status, gone.code], [404, 20404])
  assert.ok(gone.message)
})

test('TWIL-P03 TWIL-P06 the real client assigns, lists and removes roles, and lists the organization’s accounts', async (t) => {
  const { face, organization } = await openClient(t)
  const identity = await create(face, 'a@example.com')
  const role_sid = `IX${(await roleSid(face, 'Admin')).slice(2)}`
  const scope = face.access.organizationSid
  const { roleAssignments } = organization
  // As the client's own examples write it, and as its types do.
  const made = await roleAssignments.create({ role_sid, scope, identity } as unknown as Parameters<
    typeof roleAssignments.create
  >[0])
  const again = await roleAssignments.create({ roleSid: role_sid, scope, identity })
  assert.equal(again.sid, made.sid)
  assert.deepEqual([made.roleSid, made.identity], [role_sid, identity])
  const list = await organization.roleAssignments.list({ identity })
  assert.deepEqual(
    list.map(({ sid }) => sid),
    [made.sid],
  )
  assert.equal(await organization.roleAssignments(made.sid).remove(), true)
  assert.equal((await failure(organization.roleAssignments(made.sid).remove())).status, 404)
  assert.deepEqual(
    (await organization.accounts.list()).map(({ friendlyName }) => friendlyName),
    ['Example'],
  )
})

test('TWIL-P02 the real client gets a token and works with it', async (t) => {
  const { face, base } = await openClient(t)
  const plain = twilio()
  plain.iam.baseUrl = base
  plain.previewIam.baseUrl = base
  const issued: string[] = []
  plain.setCredentialProvider(
    new OrgsCredentialProviderBuilder()
      .setTokenManager({
        fetchToken: async () => {
          const open = twilio(face.access.accountSid, face.access.authToken)
          open.iam.baseUrl = base
          const token = await open.iam.v1.token.create({
            grantType: 'client_credentials',
            clientId: 'OQ1',
            clientSecret: face.access.orgKeySecret,
          })
          issued.push(token.accessToken)
          return token.accessToken
        },
      })
      .build(),
  )
  const { users } = plain.previewIam.organization(face.access.organizationSid)
  await create(face, 'a@example.com')
  assert.equal((await users.list()).length, 1)
  assert.equal((await users.list()).length, 1)
  assert.ok(issued.length > 0 && issued.every((token) => token.split('.').length === 3))
})

test('TWIL-34 TWIL-37 the real client sees why it is refused, in its own class of error', async (t) => {
  const { account, users } = await openClient(t)
  const wrong = await failure(account.previewIam.organization(`OR${'0'.repeat(32)}`).users.list())
  assert.deepEqual([wrong.status, wrong.code, wrong.message], [401, 20003, 'Authenticate'])
  const taken = usersOf(account, users).version
  const request = () =>
    taken.create({ uri: users, method: 'post', data: jane, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })
  await request()
  assert.deepEqual((await failure(request())).code, 20409)
  const gated = await openClient(t, { organization: { plan: 'pro' } })
  const gate = await failure(gated.organization.users.list())
  assert.equal(gate.status, 403)
  assert.match(gate.message, /Enterprise/)
})

test('TWIL-59 the real client’s own retries get through a limit without Retry-After', async (t) => {
  const { retrying, users } = await openClient(t, { limits: { twilio: { requests: 1, perSeconds: 1 } } })
  const answers = await Promise.all(
    [1, 2].map(() =>
      usersOf(retrying, users)
        .list(50)
        .catch((error: Failure) => error.status),
    ),
  )
  assert.ok(answers.every((answer) => Array.isArray(answer) || answer === 429))
  assert.ok(answers.some((answer) => Array.isArray(answer)))
})
