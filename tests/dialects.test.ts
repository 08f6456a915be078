import assert from 'node:assert/strict'
import { syncParts } from '../src/app.ts'
import { bandwidth } from '../src/dialects/bandwidth/dialect.ts'
import { bird } from '../src/dialects/bird/dialect.ts'
import { messagebird } from '../src/dialects/messagebird/dialect.ts'
import { native } from '../src/dialects/native/serve.ts'
import { scim } from '../src/dialects/scim/dialect.ts'
import { sinch } from '../src/dialects/sinch/dialect.ts'
import { twilio } from '../src/dialects/twilio/dialect.ts'
import { createEngine } from '../src/sync/create.ts'
import { basic } from './bandwidth.ts'
import { dialectConformance, type Reply } from './conformance/dialect.ts'
import { openWorld, type World } from './world.ts'

const textAt = (value: unknown, name: string): string => {
  assert.ok(typeof value === 'object' && value !== null && name in value, `no ${name}`)
  return String(Reflect.get(value, name))
}
const idsAt = (reply: Reply, list: string, id: string): readonly string[] => {
  const items = reply.json[list]
  assert.ok(Array.isArray(items), reply.text)
  return items.map((item) => textAt(item, id))
}

dialectConformance('bandwidth', {
  dialect: bandwidth,
  reach: ({ accountId, username = '', password = '' }) => {
    const users = `/bandwidth/api/accounts/${accountId}/users`
    return {
      users,
      user: (id) => `${users}/${id}`,
      headers: { authorization: basic(username, password), accept: 'application/json' },
    }
  },
  person: (number) => ({
    type: 'application/json',
    text: JSON.stringify({
      Username: `person${number}`,
      FirstName: 'Per',
      LastName: 'Son',
      Email: `person${number}@example.com`,
      Password: 'Correct-Horse-9',
    }),
  }),
  idOf: ({ json }) => textAt(json, 'UserId'),
  idsIn: (reply) => idsAt(reply, 'Users', 'UserId'),
  isError: ({ json, headers, text }) => {
    // Without a request that could be read, the answer is the default: XML.
    if (!/json/.test(String(headers['content-type']))) return assert.match(text, /<ErrorCode>\d{5}<\/ErrorCode>/)
    assert.match(textAt(json['ResponseStatus'], 'ErrorCode'), /^\d{5}$/)
    return assert.match(textAt(json['ResponseStatus'], 'Description'), /\S/)
  },
  nobody: `u${'0'.repeat(32)}`,
})

dialectConformance('native', {
  dialect: native,
  reach: ({ key }) => ({
    users: '/api/v1/members',
    user: (id) => `/api/v1/members/${id}`,
    headers: { authorization: `Bearer ${key}` },
  }),
  person: (number) => ({
    type: 'application/json',
    text: JSON.stringify({ userName: `person${number}`, emails: [{ value: `person${number}@example.com` }], as: 'active' }),
  }),
  idOf: ({ json }) => textAt(json['member'], 'id'),
  idsIn: (reply) => idsAt(reply, 'items', 'id'),
  paging: {
    first: '?limit=2',
    next: ({ json }) =>
      typeof json['nextCursor'] === 'string' ? `/api/v1/members?limit=2&cursor=${json['nextCursor']}` : undefined,
  },
  isError: ({ json, status, headers }) => {
    assert.equal(headers['content-type'], 'application/problem+json')
    assert.equal(json['status'], status)
    assert.match(textAt(json, 'type'), /^\/docs#problem-/)
    assert.match(textAt(json, 'detail'), /\S/)
  },
  nobody: '00000000-0000-7000-8000-000000000000',
})

dialectConformance('bird', {
  dialect: bird,
  reach: ({ organizationId, accessKey }) => {
    const users = `/bird/organizations/${organizationId}/users`
    return { users, user: (id) => `${users}/${id}`, headers: { authorization: `AccessKey ${accessKey}` } }
  },
  person: (number) => ({
    type: 'application/json',
    text: JSON.stringify({ name: `Person ${number}`, email: `person${number}@example.com` }),
  }),
  idOf: ({ json }) => textAt(json['user'], 'id'),
  idsIn: ({ json, text }) => {
    assert.ok(Array.isArray(json['results']), text)
    return json['results'].map(({ user }) => textAt(user, 'id'))
  },
  paging: {
    first: '?limit=2',
    next: (reply, path) => {
      const token = textAt(reply.json, 'nextPageToken')
      return token === '' ? undefined : `${path.split('?')[0]}?limit=2&pageToken=${encodeURIComponent(token)}`
    },
  },
  isError: ({ json, headers }) => {
    assert.equal(headers['content-type'], 'application/json')
    assert.match(textAt(json, 'code'), /^[A-Z][A-Za-z]+$/)
    assert.match(textAt(json, 'message'), /\S/)
  },
  nobody: '00000000-0000-7000-8000-000000000000',
})

const isScimError = ({ json, status, headers }: Reply): void => {
  assert.equal(headers['content-type'], 'application/scim+json')
  assert.deepEqual(json['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'])
  assert.equal(json['status'], String(status))
  assert.match(textAt(json, 'detail'), /\S/)
}

/** What every face of SCIM is tried with. */
const byScim = {
  person: (number: number) => ({
    type: 'application/scim+json',
    text: JSON.stringify({ userName: `person${number}@example.com`, emails: [{ value: `person${number}@example.com` }] }),
  }),
  idOf: ({ json }: Reply) => textAt(json, 'id'),
  idsIn: (reply: Reply) => idsAt(reply, 'Resources', 'id'),
  paging: {
    first: '?startIndex=1&count=2',
    next: ({ json }: Reply, path: string) => {
      const next = Number(json['startIndex']) + Number(json['itemsPerPage'])
      return next <= Number(json['totalResults']) ? `${path.split('?')[0]}?startIndex=${next}&count=2` : undefined
    },
  },
}

dialectConformance('scim', {
  dialect: scim,
  ...byScim,
  reach: ({ token }) => ({
    users: '/scim/v2/Users',
    user: (id) => `/scim/v2/Users/${id}`,
    headers: { authorization: `Bearer ${token}` },
  }),
  isError: isScimError,
  nobody: '00000000-0000-7000-8000-000000000000',
})

/** A connection to a vendor that only reads, so that nobody is waited for. */
async function addConnection(world: World, access: World['access']): Promise<Readonly<Record<string, string>>> {
  const { key = '' } = access['native'] ?? {}
  const credentials = { ...access['bandwidth'], baseUrl: 'http://127.0.0.1:9/bandwidth/api' }
  const reply = await world.app.inject({
    method: 'POST',
    url: '/api/v1/connections',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    payload: JSON.stringify({
      name: 'desk',
      vendor: 'bandwidth',
      baseUrl: credentials.baseUrl,
      credentials,
      assignments: [],
    }),
  })
  assert.equal(reply.statusCode, 201, reply.body)
  return { connectionUrl: new URL(textAt(reply.json(), 'scimBaseUrl')).pathname }
}

dialectConformance('scim at the address of a connection', {
  dialect: scim,
  ...byScim,
  open: (t) => openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) }),
  prepare: addConnection,
  reach: ({ token, connectionUrl }) => ({
    users: `${connectionUrl}/Users`,
    user: (id) => `${connectionUrl}/Users/${id}`,
    headers: { authorization: `Bearer ${token}` },
  }),
  isError: isScimError,
  nobody: '00000000-0000-7000-8000-000000000000',
})

const isTwilioError = ({ json, status, headers }: Reply): void => {
  const isScim = headers['content-type'] === 'application/scim+json'
  assert.match(textAt(json, 'message'), /\S/)
  assert.match(textAt(json, 'code'), /^20\d{3}$/)
  assert.equal(json['more_info'], `https://www.twilio.com/docs/errors/${textAt(json, 'code')}`)
  assert.equal(json['status'], isScim ? String(status) : status)
  if (isScim) assert.deepEqual(json['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'])
}

dialectConformance('twilio', {
  dialect: twilio,
  reach: ({ organizationSid, accountSid = '', authToken = '' }) => {
    const users = `/twilio/v1/Organizations/${organizationSid}/Users`
    return { users, user: (id) => `${users}/${id}`, headers: { authorization: basic(accountSid, authToken) } }
  },
  person: (number) => ({
    type: 'application/x-www-form-urlencoded',
    text: new URLSearchParams({ Email: `person${number}@example.com` }).toString(),
  }),
  idOf: ({ json }) => textAt(json, 'sid'),
  idsIn: (reply) => idsAt(reply, 'users', 'sid'),
  paging: {
    first: '?PageSize=2',
    next: ({ json }) => {
      const next = textAt(json['meta'], 'next_page_url')
      return next === 'null' ? undefined : next
    },
  },
  isError: isTwilioError,
  nobody: `US${'0'.repeat(32)}`,
})

/** The guide's SCIM, and the two that Twilio publishes today. */
const twilioFaces: Readonly<Record<string, (organizationSid: string) => string>> = {
  'twilio by SCIM': (organizationSid) => `/twilio/scim/v2/Organizations/${organizationSid}/Users`,
  'twilio by SCIM of preview-iam': (organizationSid) => `/twilio/Organizations/${organizationSid}/scim/Users`,
  'twilio by SCIM of iam': () => '/twilio/scim/v2/Users',
}
for (const [name, usersAt] of Object.entries(twilioFaces))
  dialectConformance(name, {
    dialect: twilio,
    ...byScim,
    reach: ({ organizationSid = '', orgKeySecret }) => {
      const users = usersAt(organizationSid)
      return { users, user: (id) => `${users}/${id}`, headers: { authorization: `Bearer ${orgKeySecret}` } }
    },
    isError: isTwilioError,
    nobody: `US${'0'.repeat(32)}`,
  })

dialectConformance('sinch', {
  dialect: sinch,
  reach: ({ projectId, keyId = '', keySecret = '' }) => {
    const users = `/sinch/projects/${projectId}/members`
    return { users, user: (id) => `${users}/${id}`, headers: { authorization: basic(keyId, keySecret) } }
  },
  person: (number) => ({
    type: 'application/json',
    text: JSON.stringify({ email: `person${number}@example.com`, role: 'MEMBER' }),
  }),
  // The answer to an invitation names no id.
  idOf: async ({ json }, list) => {
    const { members } = (await list()).json
    assert.ok(Array.isArray(members))
    return textAt(
      members.find(({ email }) => email === json['email']),
      'user_id',
    )
  },
  idsIn: (reply) => idsAt(reply, 'members', 'user_id'),
  paging: {
    first: '?page_size=2',
    next: (reply, path) => {
      const token = textAt(reply.json, 'next_page_token')
      return token === '' ? undefined : `${path.split('?')[0]}?page_size=2&page_token=${encodeURIComponent(token)}`
    },
  },
  reading: 'listed',
  isError: ({ json, status }) => {
    assert.equal(textAt(json['error'], 'code'), String(status))
    assert.match(textAt(json['error'], 'status'), /^[A-Z_]+$/)
    assert.match(textAt(json['error'], 'message'), /\S/)
  },
  nobody: `usr_${'0'.repeat(32)}`,
})

dialectConformance('sinch by SCIM', {
  dialect: sinch,
  ...byScim,
  reach: ({ scimBaseUrl = '', scimToken }) => {
    const users = `${new URL(scimBaseUrl).pathname}/Users`
    return { users, user: (id) => `${users}/${id}`, headers: { authorization: `Bearer ${scimToken}` } }
  },
  isError: ({ json, status }) => {
    // Outside of SCIM's path the API's own shape answers.
    if (json['error']) return assert.equal(Number(textAt(json['error'], 'code')), status)
    assert.deepEqual(json['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'])
    return assert.equal(json['status'], String(status))
  },
  nobody: `usr_${'0'.repeat(32)}`,
})

/** MessageBird's two shapes: which of them depends on the path alone. */
const isMessageBirdError = ({ json, headers, status }: Reply): void => {
  if (headers['content-type'] === 'application/scim+json') {
    assert.deepEqual(json['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'])
    return assert.equal(json['status'], String(status))
  }
  assert.equal(headers['content-type'], 'application/json')
  const [error, ...others] = Array.isArray(json['errors']) ? json['errors'] : []
  assert.deepEqual([Object.keys(error ?? {}), others], [['code', 'description', 'parameter'], []])
  return assert.match(textAt(error, 'description'), /\S/)
}

dialectConformance('messagebird', {
  dialect: messagebird,
  reach: ({ accessKey }) => ({
    users: '/messagebird/users',
    user: (id) => `/messagebird/users/${id}`,
    headers: { authorization: `AccessKey ${accessKey}` },
  }),
  person: (number) => ({ type: 'application/json', text: JSON.stringify({ email: `person${number}@example.com` }) }),
  idOf: ({ json }) => textAt(json, 'id'),
  idsIn: (reply) => idsAt(reply, 'items', 'id'),
  paging: {
    first: '?limit=2&offset=0',
    next: ({ json }) => {
      const offset = Number(json['offset']) + 2
      return offset < Number(json['count']) ? `/messagebird/users?limit=2&offset=${offset}` : undefined
    },
  },
  isError: isMessageBirdError,
  nobody: '00000000-0000-7000-8000-000000000000',
})

dialectConformance('messagebird by SCIM', {
  dialect: messagebird,
  ...byScim,
  reach: ({ scimToken }) => ({
    users: '/messagebird/scim/v2/Users',
    user: (id) => `/messagebird/scim/v2/Users/${id}`,
    headers: { authorization: `Bearer ${scimToken}` },
  }),
  isError: isMessageBirdError,
  nobody: '00000000-0000-7000-8000-000000000000',
})
