import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dialects } from '../dialects/index.ts'
import { createHosts } from './hosts.ts'

const { route } = createHosts(dialects, undefined)
const here = (url: string) => route('127.0.0.1:8080', url)

test('SCIM counts no doubled slash and none at the end of a path, and leaves queries and other APIs as they are', () => {
  assert.equal(here('/scim/v2//Users'), '/scim/v2/Users')
  assert.equal(here('/scim/v2/Users/?filter=a//b/'), '/scim/v2/Users?filter=a//b/')
  assert.equal(here('/scim/v2/Users/1/'), '/scim/v2/Users/1')
  assert.equal(here('/scim/v2/Users?x'), '/scim/v2/Users?x')
  for (const url of ['/api/v1//members', '/api/v1/members/', '/scim/v20//x/', '/bird//x', '//scim/v2/Users', '/'])
    assert.equal(here(url), url)
})

test('the token endpoint is reached at the root, but not under the name of a vendor, whose own one answers there', () => {
  assert.equal(here('/oauth2/token'), '/scim/v2/oauth2/token')
  assert.equal(here('/oauth2/token?x=1'), '/scim/v2/oauth2/token?x=1')
  assert.equal(here('/oauth2/token/x'), '/oauth2/token/x')
  assert.equal(route('auth.sinch.com', '/oauth2/token'), '/sinch/oauth2/token')
  assert.equal(route(undefined, '/.well-known/oauth-authorization-server'), '/scim/v2/.well-known/oauth-authorization-server')
})
