import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Face, Person, Truth } from './faces/face.ts'
import { openFaces, type Faces } from './faces/open.ts'

/** Reads a person through every API, and asserts that each shows what is true now in its own words. */
async function seenByAll({ all }: Faces, person: Person, after: string): Promise<void> {
  const seen = await Promise.all(all.map((face) => face.see(person.email)))
  for (const [index, face] of all.entries()) assert.deepEqual(seen[index], face.shows(person), `${face.name}, after: ${after}`)
}

/** Asserts that no API lists the person, nor answers the id that it had given to them. */
async function goneFromAll(email: string, ids: ReadonlyMap<Face, string>): Promise<void> {
  for (const [face, id] of ids) {
    assert.equal(await face.see(email), undefined, `${face.name} still lists ${email}`)
    if (face.knows) assert.equal(await face.knows(id), false, `${face.name} still answers ${id}`)
  }
}

async function idsOf({ all }: Faces, email: string): Promise<ReadonlyMap<Face, string>> {
  return new Map(await Promise.all(all.map(async (face) => [face, await face.idOf(email)] as const)))
}

test('one person is walked through all seven dialects, and each change is seen through every other at once', async (t) => {
  const faces = await openFaces(t)
  const { named, accept } = faces
  const email = 'ada@example.com'
  let person = await named('bird').create({ email, givenName: 'Ada', familyName: 'King' })
  const step = async (title: string, change: Promise<Truth> | undefined) => {
    assert.ok(change, `${title}: the dialect cannot`)
    person = { ...person, ...(await change) }
    await seenByAll(faces, person, title)
  }
  await seenByAll(faces, person, 'Bird invites')
  await step(
    'Bandwidth names an invited person',
    named('bandwidth').rename?.(email, { givenName: 'Ada', familyName: 'Lovelace' }),
  )
  await step('Sinch changes the display name', named('sinch').rename?.(email, { givenName: 'Countess', familyName: 'Ada' }))
  await step('Twilio gives a role', named('twilio').setRole?.(email, 'Member'))
  await step(
    'the mail’s link is opened and accepted',
    accept(email).then(() => ({ status: 'active', accepted: true })),
  )
  await step('MessageBird renames', named('messagebird').rename?.(email, { givenName: 'Augusta', familyName: 'Byron' }))
  await step('Bird gives another role', named('bird').setRole?.(email, 'Admin'))
  await step('SCIM suspends', named('scim').suspend?.(email))
  await step('Bandwidth takes the role down while she is suspended', named('bandwidth').setRole?.(email, 'ReadOnly'))
  await step('Sinch resumes', named('sinch').resume?.(email))
  await step('our own API puts her into a group', named('native').group?.(email, 'Analysts'))
  await step('Twilio’s SCIM suspends', named('twilio SCIM').suspend?.(email))
  await step('Bandwidth resumes', named('bandwidth').resume?.(email))
  await step(
    'MessageBird’s SCIM renames',
    named('messagebird SCIM').rename?.(email, { givenName: 'Ada', familyName: 'Lovelace' }),
  )
  await step('Sinch’s SCIM gives a role', named('sinch SCIM').setRole?.(email, 'Member'))
  const ids = await idsOf(faces, email)
  assert.equal(await named('messagebird').remove(person), undefined)
  await goneFromAll(email, ids)
})

test('an invited person who is suspended and resumed is invited again in every dialect that can say so', async (t) => {
  const faces = await openFaces(t)
  const { named } = faces
  const email = 'grace@example.com'
  // Twilio and SCIM call somebody active who never accepted, and Bandwidth has no word for it: the others tell.
  const person = await named('twilio').create({ email, givenName: 'Grace', familyName: 'Hopper' })
  await named('messagebird').suspend?.(email)
  await seenByAll(faces, { ...person, status: 'suspended' }, 'MessageBird suspends')
  await named('bandwidth').resume?.(email)
  await seenByAll(faces, { ...person, status: 'invited' }, 'Bandwidth resumes')
})

test('whatever a dialect can do to a person is seen through every other at once', async (t) => {
  const faces = await openFaces(t)
  for (const [index, face] of faces.all.entries()) {
    const email = `p${index}@example.com`
    let person = await face.create({ email, givenName: 'Grace', familyName: 'Hopper' })
    await seenByAll(faces, person, `${face.name} creates`)
    if (!person.accepted) {
      await faces.accept(email)
      person = { ...person, status: 'active', accepted: true }
      await seenByAll(faces, person, `whom ${face.name} invited has accepted`)
    }
    const changes = {
      renames: face.rename?.bind(undefined, email, { givenName: 'Rear', familyName: 'Admiral' }),
      'gives a role': face.setRole?.bind(undefined, email, 'Admin'),
      suspends: face.suspend?.bind(undefined, email),
      resumes: face.resume?.bind(undefined, email),
      groups: face.group?.bind(undefined, email, `Group ${index}`),
    }
    for (const [title, change] of Object.entries(changes)) {
      person = { ...person, ...(await change?.()) }
      if (change) await seenByAll(faces, person, `${face.name} ${title}`)
    }
  }
})

test('whom a dialect removes is gone in all the others, whoever made them', async (t) => {
  const faces = await openFaces(t)
  for (const [index, face] of faces.all.entries()) {
    const maker = faces.all[(index + 1) % faces.all.length]!
    const email = `p${index}@example.com`
    const person = await maker.create({ email, givenName: 'Grace', familyName: 'Hopper' })
    await seenByAll(faces, person, `${maker.name} creates`)
    const ids = await idsOf(faces, email)
    const truth = await face.remove(person)
    if (truth === undefined) {
      await goneFromAll(email, ids)
      continue
    }
    // Sinch takes somebody who accepted out of the project; the identity is the account's, and its own SCIM takes that away.
    assert.equal(face.name, 'sinch')
    await seenByAll(faces, { ...person, ...truth }, 'sinch removes')
    await faces.named('sinch SCIM').remove(person)
    await goneFromAll(email, ids)
  }
  // Who never accepted is no identity yet.
  const invited = await faces.named('sinch').create({ email: 'new@example.com', givenName: 'Grace', familyName: 'Hopper' })
  const ids = await idsOf(faces, invited.email)
  assert.equal(await faces.named('sinch').remove(invited), undefined)
  await goneFromAll(invited.email, ids)
})
