import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { openHub } from '../../src/app.ts'
import { temporaryFolder } from '../folder.ts'
import { bandwidthFace } from './bandwidth.ts'
import { birdFace } from './bird.ts'
import { createCaller, type Face, type Parsed, type RoleName } from './face.ts'
import { messageBirdFace } from './messagebird.ts'
import { nativeFace } from './native.ts'
import { scimFace } from './scim.ts'
import { sinchFace } from './sinch.ts'
import { twilioFace } from './twilio.ts'

/** Every API onto one organization of one running hub, reached with what `organization create` prints and nothing else. */
export interface Faces {
  /** The seven dialects, and the SCIM of the three vendors that have one. */
  readonly all: readonly Face[]
  readonly named: (name: string) => Face
  /** Opens the link of the mail that went to an address, and accepts. */
  readonly accept: (email: string) => Promise<void>
}

export async function openFaces(t: TestContext): Promise<Faces> {
  const hub = await openHub({ home: temporaryFolder(t), environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  t.after(() => hub.close())
  const access = await hub.home.createOrganization(
    { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] },
    hub.url,
  )
  const { native = {}, scim = {}, bird = {}, messagebird = {}, twilio = {}, bandwidth = {}, sinch = {} } = access
  const roles: readonly Parsed[] = (await createCaller(native['baseUrl'], `Bearer ${native['key']}`).ask('GET', '/roles')).items
  const roleId = (name: RoleName): string => roles.find((role) => role.name === name).id
  const roleIds = { Admin: roleId('Admin'), Member: roleId('Member'), ReadOnly: roleId('ReadOnly') }
  const vendorsScim = { entry: 'active', groups: 'offered', lifecycle: 'hidden' } as const
  const all = [
    nativeFace(native, roleIds),
    scimFace({ ...vendorsScim, name: 'scim', baseUrl: scim['baseUrl'], token: scim['token'], lifecycle: 'shown' }),
    birdFace(bird),
    messageBirdFace(messagebird),
    scimFace({ ...vendorsScim, name: 'messagebird SCIM', baseUrl: messagebird['scimBaseUrl'], token: messagebird['scimToken'] }),
    twilioFace(twilio, roleIds),
    scimFace({
      ...vendorsScim,
      name: 'twilio SCIM',
      baseUrl: twilio['scimBaseUrl'],
      token: twilio['orgKeySecret'],
      entry: 'invited',
    }),
    bandwidthFace(bandwidth),
    sinchFace(sinch),
    scimFace({
      ...vendorsScim,
      name: 'sinch SCIM',
      baseUrl: sinch['scimBaseUrl'],
      token: sinch['scimToken'],
      groups: 'absent',
    }),
  ]
  return {
    all,
    named: (name) => {
      const face = all.find((each) => each.name === name)
      assert.ok(face, name)
      return face
    },
    accept: async (email) => {
      const mails = await hub.home.database.outbox.mails({ limit: 100 })
      const token = mails.find((mail) => mail.to === email)?.token
      assert.ok(token, `a mail waits for ${email}`)
      const reply = await fetch(`${hub.url}/invitations/${token}`, { method: 'POST' })
      assert.equal(reply.status, 200, await reply.text())
    },
  }
}
