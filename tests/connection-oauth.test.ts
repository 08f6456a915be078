import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { openApplicationHub, openApplicationStory, openBandwidthTwin } from './application.ts'

const Token = z.looseObject({ access_token: z.string() })

test('a client of a connection opens the address of that connection and nothing else; a client of the organization opens both', async (t) => {
  const twin = await openBandwidthTwin(t)
  const hub = await openApplicationHub(t, { vendorWaitMs: 0 })
  const { owner, connection, connect } = await openApplicationStory({ hub, twin }, { writes: 'off' })
  const { connection: elsewhere } = await connect('elsewhere')
  const tokenFor = async (connectionId?: string) => {
    const {
      credential,
      key,
      tokenUrl = '',
    } = await owner.createCredential({
      body: { name: 'idp', kind: 'scimclient', connectionId },
    })
    assert.equal(credential.connectionId, connectionId)
    const answer = await fetch(tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: credential.identifier, client_secret: key }),
    })
    return Token.parse(await answer.json()).access_token
  }
  const opens = async (token: string) => {
    const urls = [
      `${connection.scimBaseUrl}/Users`,
      `${elsewhere.scimBaseUrl}/Users`,
      `${hub.url}/scim/v2/Users`,
      `${hub.url}/scim/v2/Me`,
    ]
    const headers = { authorization: `Bearer ${token}` }
    const poll = {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"returnImmediately":true}',
    }
    const answers = [...urls.map((url) => fetch(url, { headers })), fetch(`${hub.url}/scim/v2/events`, poll)]
    return (await Promise.all(answers)).map(({ status }) => status)
  }
  assert.deepEqual(await opens(await tokenFor(connection.id)), [200, 403, 403, 403, 403])
  assert.deepEqual(await opens(await tokenFor()), [200, 200, 200, 501, 200])
})
