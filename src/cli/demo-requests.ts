// What an identity provider sends for one person, in the order and shape in which Okta's SCIM client sends it.
const core = 'urn:ietf:params:scim:schemas:core:2.0:User'

const query = new URLSearchParams({ filter: 'userName eq "ada.lovelace@example.com"', startIndex: '1', count: '100' })
export const lookup = `/Users?${query.toString()}`

export const joiner = {
  schemas: [core],
  userName: 'ada.lovelace@example.com',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [{ primary: true, value: 'ada.lovelace@example.com', type: 'work' }],
  displayName: 'Ada Lovelace',
  locale: 'en-US',
  externalId: '00u1ada7kqLm2p9Xd697',
  groups: [],
  roles: [{ value: 'Admin' }],
  active: true,
}

export const leaver = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', value: { active: false } }],
}
