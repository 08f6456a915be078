import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { suite, test, type TestContext } from 'node:test'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Json } from '../../src/directory/json.ts'
import { readAccounts } from '../../src/sync/snapshot.ts'
import { accountAttributes, isRemoteFailure, type Account, type DesiredAccount, type Vendor } from '../../src/sync/vendor.ts'
import { createTwin, type Twin } from '../../src/twin/create.ts'
import { faultKinds, type FaultKind } from '../../src/twin/faults.ts'
import type { Exchange } from '../../src/wire/call.ts'
import { temporaryFolder } from '../folder.ts'

/** A connector to be tried: what it calls at its vendor, and whom it can make there. */
export interface VendorSubject {
  readonly dialect: Dialect
  /** Names of operations: the list of people that the connector reads, and the one by which it makes somebody. */
  readonly list: string
  readonly create: string
  /** Somebody whom the vendor takes; the role is the vendor's last, which is rarely the mightiest. */
  readonly desired?: Partial<DesiredAccount>
  /** The twin's credentials as the connector takes them. */
  readonly credentials?: (printed: Readonly<Record<string, string>>) => Json
}

interface Standing {
  readonly twin: Twin
  readonly vendor: Vendor
  readonly exchanges: readonly Exchange[]
  readonly waits: readonly number[]
  readonly connect: (change?: (printed: Readonly<Record<string, string>>) => Readonly<Record<string, string>>) => Vendor
}

const people = 30
const adaName = 'ada.conformance@example.com'

/** What every connector promises, tried against the twin of its vendor over a real socket, with every fault that can be scripted. */
export function vendorConformance(name: string, subject: VendorSubject): void {
  const tried = new Set<FaultKind>()
  const open = (t: TestContext) => stand(t, subject, tried)
  suite(`${name}: connector`, () => {
    test('a check says what can be done, and changes nothing', async (t) => {
      const { vendor, twin } = await open(t)
      const { usable, findings } = await vendor.reader.check()
      assert.equal(usable, true, JSON.stringify(findings))
      assert.ok(findings.length > 0)
      for (const { message } of findings) assert.match(message, /^\S.*[.)!]$/s)
      assert.deepEqual(twin.writes(), [])
    })

    test('a check with a wrong secret says so, and no read succeeds', async (t) => {
      const { connect } = await open(t)
      const wrong = connect(withWrongSecrets)
      const { usable, findings } = await wrong.reader.check()
      assert.equal(usable, false)
      assert.ok(findings.some(({ level }) => level === 'problem'))
      await assert.rejects(listAll(wrong), isRemote)
    })

    test('the whole list is read, each account once, and each can be read by its id', async (t) => {
      const { vendor } = await open(t)
      const accounts = await listAll(vendor)
      assert.ok(accounts.length >= people)
      assert.equal(new Set(accounts.map(({ id }) => id)).size, accounts.length)
      const one = accounts[7]!
      assert.deepEqual(comparable(await vendor.reader.read(one.id)), comparable(one))
      const { certificate } = await readAccounts(
        vendor.reader,
        accounts.map(({ id }) => id),
      )
      assert.deepEqual([certificate.complete, certificate.reasons], [true, []])
      const roles = new Set((await vendor.reader.roles()).map(({ id }) => id))
      for (const account of accounts) for (const role of account.roles) assert.ok(roles.has(role.id), `${role.id} is no role`)
    })

    test('an account that is gone reads as none', async (t) => {
      const { vendor } = await open(t)
      const gone = (await listAll(vendor)).find(({ roles }) => roles.length === 0) ?? (await listAll(vendor))[3]!
      if (!vendor.capabilities.remove) return
      await vendor.writer.remove(gone.id)
      assert.equal(await vendor.reader.read(gone.id), undefined)
      await vendor.writer.remove(gone.id)
      assert.ok((await listAll(vendor)).every(({ id }) => id !== gone.id))
    })

    test('somebody who is made is found under the id that was answered, and is not made twice', async (t) => {
      const { vendor, twin } = await open(t)
      if (!vendor.capabilities.create) return
      const desired = await desiredOf(vendor, subject)
      const account = await make(vendor, desired)
      assert.deepEqual(unlike(vendor, account, desired), [])
      assert.equal((await vendor.reader.read(account.id))?.id, account.id)
      const again = await vendor.writer.create(desired)
      assert.equal(again.outcome, 'exists')
      assert.equal(madeOf(twin, subject), 1)
    })

    test('a change reaches the vendor, and keeps whatever else the account has', async (t) => {
      const { vendor } = await open(t)
      if (!vendor.capabilities.update || !vendor.capabilities.create) return
      const desired = await desiredOf(vendor, subject)
      const account = await make(vendor, desired)
      const attributes = vendor.capabilities.attributes ?? accountAttributes
      const roles = await vendor.reader.roles()
      const changed: DesiredAccount = {
        ...desired,
        ...(attributes.includes('familyName') && { familyName: 'Changed' }),
        ...(vendor.capabilities.setRoles && roles.length > 0 && { roleIds: [(roles.at(-2) ?? roles[0]!).id] }),
      }
      const after = await vendor.writer.update(account.id, changed)
      assert.equal(after.id, account.id)
      assert.deepEqual(unlike(vendor, after, changed), [])
      const { userName, email, givenName } = (await vendor.reader.read(account.id))!
      assert.deepEqual({ userName, email, givenName }, pick(account))
    })

    test('who is suspended keeps the account, and comes back', async (t) => {
      const { vendor } = await open(t)
      const { writer } = vendor
      assert.equal(vendor.capabilities.suspend, writer.suspend !== undefined && writer.resume !== undefined)
      if (!writer.suspend || !writer.resume) return
      const active = (await listAll(vendor)).filter(({ status }) => status === 'active')
      const account = active.find(({ roles }) => roles.length === 0) ?? active[3]!
      assert.equal((await writer.suspend(account.id)).status, 'suspended')
      assert.ok((await listAll(vendor)).some(({ id }) => id === account.id))
      assert.equal((await vendor.reader.read(account.id))?.status, 'suspended')
      assert.equal((await writer.resume(account.id)).status, 'active')
    })

    test('an invitation is withdrawn where that can be done, and nobody who has accepted is harmed by it', async (t) => {
      const { vendor, twin } = await open(t)
      const cancelInvitation = vendor.writer.cancelInvitation?.bind(vendor.writer)
      if (!cancelInvitation) return
      const account = await make(vendor, await desiredOf(vendor, subject))
      if (account.status === 'invited') {
        await cancelInvitation(account.id)
        assert.equal(await vendor.reader.read(account.id), undefined)
        await cancelInvitation(account.id)
      }
      const accepted = (await listAll(vendor)).find(({ status }) => status === 'active')
      assert.ok(accepted)
      const before = twin.writes().length
      await assert.rejects(
        cancelInvitation(accepted.id),
        (error) => isRemoteFailure(error) && error.effect === 'none' && error.retryable,
      )
      assert.equal(twin.writes().length, before)
      assert.deepEqual(comparable(await vendor.reader.read(accepted.id)), comparable(accepted))
    })

    test('capabilities and methods say the same', async (t) => {
      const { vendor } = await open(t)
      assert.equal(vendor.capabilities.cancelInvitation, vendor.writer.cancelInvitation !== undefined)
      for (const note of vendor.capabilities.notes) assert.match(note, /[.!]$/)
    })

    test('429: a read and a write wait and are tried again, with the write carried out once', async (t) => {
      const { vendor, twin, waits } = await open(t)
      twin.faults.set([{ kind: 'status429', operation: subject.list, times: 2 }])
      assert.ok((await listAll(vendor)).length >= people)
      assert.ok(waits.length >= 2)
      if (!vendor.capabilities.create) return
      const desired = await desiredOf(vendor, subject)
      twin.faults.set([{ kind: 'status429', operation: subject.create, times: 1 }])
      await make(vendor, desired)
      assert.deepEqual(firedOf(twin), [1])
      assert.equal(madeOf(twin, subject), 1)
    })

    test('429 for ever ends in a failure that may pass', async (t) => {
      const { vendor, twin } = await open(t)
      twin.faults.set([{ kind: 'status429', operation: subject.list }])
      await assert.rejects(listAll(vendor), (error) => isRemote(error) && error.retryable && error.effect === 'none')
    })

    test('500 before the effect: a read is tried again, a write is not, and nobody claims to know what became of it', async (t) => {
      const { vendor, twin } = await open(t)
      twin.faults.set([{ kind: 'status500Before', operation: subject.list, times: 1 }])
      assert.ok((await listAll(vendor)).length >= people)
      assert.deepEqual(firedOf(twin), [1])
      if (!vendor.capabilities.create) return
      const desired = await desiredOf(vendor, subject)
      twin.faults.set([{ kind: 'status500Before', operation: subject.create, times: 1 }])
      await assert.rejects(vendor.writer.create(desired), (error) => isRemote(error) && error.effect === 'unknown')
      assert.equal(madeOf(twin, subject), 0)
    })

    for (const kind of ['status500After', 'closeAfter'] as const)
      test(`${kind}: a write whose answer is lost is never sent again, and reading finds what it did`, async (t) => {
        const { vendor, twin } = await open(t)
        if (!vendor.capabilities.create) return
        const desired = await desiredOf(vendor, subject)
        twin.faults.set([{ kind, operation: subject.create, times: 1 }])
        await assert.rejects(vendor.writer.create(desired), (error) => isRemote(error) && error.effect === 'unknown')
        assert.equal(madeOf(twin, subject), 1)
        assert.deepEqual(firedOf(twin), [1])
        tried.add(kind)
        twin.faults.set([])
        const found = (await listAll(vendor)).filter((account) => isSame(account, desired))
        assert.equal(found.length, 1)
        assert.equal((await vendor.writer.create(desired)).outcome, 'exists')
        assert.equal(madeOf(twin, subject), 1)
      })

    test('a slow answer is waited for', async (t) => {
      const { vendor, twin, waits } = await open(t)
      twin.faults.set([{ kind: 'slow', ms: 50, operation: subject.list }])
      assert.ok((await listAll(vendor)).length >= people)
      assert.deepEqual(
        waits.filter((ms) => ms === 50),
        firedOf(twin).flatMap((times) => Array.from({ length: times }, () => 50)),
      )
      assert.ok(waits.includes(50))
    })

    for (const kind of ['emptyList', 'halfList', 'changingList'] as const)
      test(`${kind}: a read that shows fewer than there are is not complete, and proves nobody gone`, async (t) => {
        const { vendor, twin } = await open(t)
        const known = (await listAll(vendor)).map(({ id }) => id)
        twin.faults.set([{ kind, operation: subject.list }])
        const { certificate, provenGone } = await readAccounts(vendor.reader, known)
        assert.equal(certificate.complete, false)
        assert.notDeepEqual(certificate.reasons, [])
        assert.deepEqual(provenGone, [])
      })

    for (const [kind, statuses] of [
      ['unauthenticated', [400, 401]],
      ['planGate', [402, 403]],
    ] as const)
      test(`${kind}: refused for good and without effect, and a check says that the connection cannot be used`, async (t) => {
        const { vendor, twin } = await open(t)
        twin.faults.set([{ kind }])
        const { usable, findings } = await vendor.reader.check()
        assert.equal(usable, false)
        assert.ok(findings.some(({ level }) => level === 'problem'))
        const refused = await listAll(vendor).catch((error: unknown) => error)
        assert.ok(isRemote(refused) && 'status' in refused)
        assert.ok(
          statuses.some((status) => status === refused.status),
          `${String(refused.status)}: ${refused.message}`,
        )
        assert.deepEqual([refused.retryable, refused.effect], [false, 'none'])
        assert.deepEqual(twin.writes(), [])
      })

    test('every kind of fault that can be scripted was tried', () => {
      assert.deepEqual([...tried].toSorted(), [...faultKinds].toSorted())
    })

    test('no secret stands in what is traced or thrown', async (t) => {
      const { vendor, twin, exchanges } = await open(t)
      await listAll(vendor)
      twin.faults.set([{ kind: 'status500Before', operation: subject.list }])
      const error: unknown = await listAll(vendor).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      assert.ok(error instanceof Error)
      const told = JSON.stringify(exchanges) + error.message + String(error.stack)
      for (const secret of secretsIn(twin.credentials)) assert.ok(!told.includes(secret))
    })
  })
}

async function stand(
  t: TestContext,
  { dialect, credentials = (printed) => ({ ...printed }) }: VendorSubject,
  tried: Set<FaultKind>,
): Promise<Standing> {
  const waits: number[] = []
  const exchanges: Exchange[] = []
  const twin = await createTwin({
    dialect,
    home: temporaryFolder(t),
    people,
    seed: 11,
    clock: () => new Date(),
    sleep: async (ms) => void waits.push(ms),
  })
  t.after(async () => {
    for (const { kind, fired } of twin.faults.list()) if (fired > 0) tried.add(kind)
    await twin.close()
  })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  const connect: Standing['connect'] = (change = (printed) => printed) => {
    const printed = twin.credentials
    assert.ok(dialect.connect, 'the dialect has a connector')
    return dialect.connect({
      baseUrl: printed['baseUrl'] ?? '',
      credentials: credentials(change(printed)),
      fetch,
      sleep: async (ms) => void waits.push(ms),
      random: () => 0.5,
      randomBytes,
      trace: (exchange) => exchanges.push(exchange),
    })
  }
  return { twin, vendor: connect(), exchanges, waits, connect }
}

/** How often each fault that is set has struck. */
const firedOf = (twin: Twin): readonly number[] => twin.faults.list().map(({ fired }) => fired)

async function listAll(vendor: Vendor): Promise<readonly Account[]> {
  const accounts: Account[] = []
  for await (const page of vendor.reader.list()) accounts.push(...page.accounts)
  return accounts
}

async function desiredOf(vendor: Vendor, { desired }: VendorSubject): Promise<DesiredAccount> {
  const role = vendor.capabilities.setRoles ? (await vendor.reader.roles()).at(-1) : undefined
  return {
    userName: adaName,
    email: adaName,
    givenName: 'Ada',
    familyName: 'Conformance',
    roleIds: role ? [role.id] : [],
    ...desired,
  }
}

/** Somebody made, with the account as the answer or, where it comes with none, the list shows it; roles that came later are set. */
async function make(vendor: Vendor, desired: DesiredAccount): Promise<Account> {
  const created = await vendor.writer.create(desired)
  assert.ok(created.outcome === 'done' || created.outcome === 'invited', created.outcome)
  const account = created.account ?? (await listAll(vendor)).find((candidate) => isSame(candidate, desired))
  assert.ok(account)
  const lacksRoles = desired.roleIds.some((id) => account.roles.every((role) => role.id !== id))
  return vendor.capabilities.setRoles && lacksRoles ? vendor.writer.update(account.id, desired) : account
}

/** How often the twin carried out the creation of the person. */
const madeOf = (twin: Twin, subject: VendorSubject): number =>
  twin
    .writes()
    .filter(
      (write) =>
        write.operation === subject.create &&
        write.subject.toLowerCase() === (subject.desired?.userName ?? adaName).toLowerCase(),
    ).length

const isSame = (account: Account, { userName, email }: DesiredAccount): boolean =>
  account.userName.toLowerCase() === userName.toLowerCase() || (email !== undefined && account.email === email)

/** Names of the attributes, of those that the vendor keeps, that are not as desired. */
function unlike({ capabilities }: Vendor, account: Account, desired: DesiredAccount): readonly string[] {
  const attributes = capabilities.attributes ?? accountAttributes
  const different: string[] = attributes.filter(
    (name) => desired[name] !== undefined && account[name]?.toLowerCase() !== desired[name]?.toLowerCase(),
  )
  const held = account.roles.map(({ id }) => id).toSorted()
  if (capabilities.setRoles && JSON.stringify(held) !== JSON.stringify([...desired.roleIds].toSorted())) different.push('roles')
  return different
}

const pick = ({ userName, email, givenName }: Account) => ({ userName, email, givenName })
const comparable = (account: Account | undefined) =>
  account && { ...pick(account), id: account.id, familyName: account.familyName, status: account.status }

const isRemote = (error: unknown): error is Error & { readonly retryable: boolean; readonly effect: string } =>
  error instanceof Error && error.name === 'RemoteError' && 'retryable' in error && 'effect' in error

const secretNames = /secret|token|password|key/i
const secretsIn = (printed: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(printed)
    .filter(([name, value]) => secretNames.test(name) && !/id$|sid$|url$/i.test(name) && value.length > 12)
    .map(([, value]) => value)

/** The same credentials with every secret spelled backwards. */
const withWrongSecrets = (printed: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(printed).map(([name, value]) => [
      name,
      secretsIn(printed).includes(value) ? value.slice(0, -8) + value.slice(-8).split('').toReversed().join('') : value,
    ]),
  )
