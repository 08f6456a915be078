import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld } from '../../tests/world.ts'

test('BAND-34 SNCH-34 Bandwidth and Sinch say nothing of limits, refused or not', async (t) => {
  const limit = { requests: 1, perSeconds: 3600 }
  const world = await openWorld(t, { limits: { bandwidth: limit, sinch: limit } })
  const basic = (user = '', password = '') => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const { bandwidth = {}, sinch = {} } = world.access
  const bandwidthUrl = `${new URL(bandwidth['baseUrl'] ?? '').pathname}/accounts/${bandwidth['accountId']}/users`
  const sinchUrl = `${new URL(sinch['baseUrl'] ?? '').pathname}/projects/${sinch['projectId']}/members`
  const asks = [
    { url: bandwidthUrl, headers: { authorization: basic(bandwidth['username'], bandwidth['password']) } },
    { url: sinchUrl, headers: { authorization: basic(sinch['keyId'], sinch['keySecret']) } },
  ]
  for (const { url, headers } of asks) {
    const statuses = []
    for (let count = 0; count < 2; count++) {
      const reply = await world.app.inject({ url, headers })
      statuses.push(reply.statusCode)
      assert.deepEqual(
        Object.keys(reply.headers).filter((name) => /retry|limit/i.test(name)),
        [],
      )
    }
    assert.equal(statuses[1], 429, `${url} ${statuses.join()}`)
  }
})
