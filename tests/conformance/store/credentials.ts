import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellExpiries } from '../../../src/directory/tell-expiries.ts'
import { useBench, type CreateDatabase } from './bench.ts'

const dayMs = 24 * 60 * 60 * 1_000

export function credentialConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const now = new Date('2026-03-01T10:00:00Z')

  test('a client that signs assertions comes back with its rule', async () => {
    const { directory, opened, organization } = bench()
    const call = await organization()
    const assertion = {
      issuer: 'https://login.example.com',
      subject: 'service',
      audience: 'https://rollcall.example.com/oauth2/token',
      keysUrl: 'https://login.example.com/keys',
    }
    const made = await directory.createAssertingClient(call, { kind: 'scimclient', name: 'idp', scopes: ['read'], assertion })
    const kept = await opened.store.read((reader) => reader.credentialByIdentifier(made.identifier))
    assert.deepEqual([kept?.assertion, kept?.secretHash], [assertion, ''])
  })

  test('of one assertion that comes many times at once, through two processes, one counts; it is forgotten when it has expired', async () => {
    const { opened, other, organization, newId } = bench()
    const { organizationId } = await organization()
    const credential = { organizationId, id: newId() }
    const take = (store: typeof opened.store, id: string, at = now) =>
      store.write(organizationId, (tx) =>
        tx.takeAssertion(credential, { id, expiresAt: new Date(now.getTime() + 60_000), now: at }),
      )
    const taken = await Promise.all(Array.from({ length: 10 }, (_, index) => take((index % 2 ? opened : other).store, 'one')))
    assert.equal(taken.filter(Boolean).length, 1)
    assert.equal(await take(opened.store, 'two'), true)
    assert.equal(
      await opened.store.write(organizationId, (tx) =>
        tx.takeAssertion({ organizationId, id: newId() }, { id: 'one', expiresAt: now, now }),
      ),
      true,
      'the id of another client is another one',
    )
    assert.equal(await take(opened.store, 'one', new Date(now.getTime() + 60_001)), true)
  })

  test('an end is told once, two weeks before it, by whichever of two processes comes first', async () => {
    const { directory, otherDirectory, opened, other, organization, newId } = bench()
    const call = { ...(await organization()), now }
    const ends = async (name: string, inMs: number | undefined) => {
      const expiresAt = inMs === undefined ? undefined : new Date(now.getTime() + inMs)
      const { credential } = await directory.createCredential(call, { kind: 'scim', name, scopes: ['read'], expiresAt })
      return credential.id
    }
    const soon = await ends('soon', 14 * dayMs)
    const later = await ends('later', 14 * dayMs + 1_000)
    await ends('never', undefined)
    await directory.revokeCredential(call, { id: await ends('revoked', dayMs) })
    const tell = (at: Date) =>
      Promise.all([
        tellExpiries({ store: opened.store, directory, newId, clock: () => at }),
        tellExpiries({ store: other.store, directory: otherDirectory, newId, clock: () => at }),
      ])
    const told = async () =>
      (await directory.listFacts(call, { after: 0, limit: 100 })).filter(({ action }) => action === 'credential.expiring')
    await tell(now)
    await tell(now)
    assert.deepEqual(
      (await told()).map(({ subject, detail, actor }) => [subject, detail, actor]),
      [[soon, { kind: 'scim', name: 'soon', expiresAt: '2026-03-15T10:00:00.000Z' }, 'system:housekeeping']],
    )
    await tell(new Date(now.getTime() + 1_000))
    assert.deepEqual(
      (await told()).map(({ subject }) => subject),
      [soon, later],
    )
    const standing = await directory.listCredentials(call, undefined)
    assert.ok(standing.every(({ revokedAt, name }) => (revokedAt !== undefined) === (name === 'revoked')))
  })
}
