import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readInMemory } from '../../tests/memory-sink.ts'
import { createMemoryVendor, type Fault } from '../../tests/memory-vendor.ts'
import { readAccounts } from './snapshot.ts'
import type { Account, AccountPage, VendorReader } from './vendor.ts'

function vendorWith(count: number, faults: Fault[] = []) {
  const vendor = createMemoryVendor()
  for (let index = 0; index < count; index++) vendor.put({ userName: `person${index}` })
  vendor.faults = faults
  return { vendor, known: [...vendor.accounts.keys()] }
}

const listing = (reader: VendorReader, pages: readonly AccountPage[]): VendorReader => ({
  ...reader,
  async *list() {
    yield* pages
  },
})

test('a read of the whole list is complete, and its digest does not depend on the order', async () => {
  const { vendor, known } = vendorWith(3)
  const reading = await readAccounts(vendor.reader, known)
  assert.equal(reading.certificate.complete, true)
  const accounts = [...vendor.accounts.values()].toReversed()
  const again = await readAccounts(listing(vendor.reader, [{ accounts, declaredTotal: 3 }]), known)
  assert.equal(again.certificate.complete, true)
  assert.equal(again.certificate.digest, reading.certificate.digest)
})

test('an account that is missing counts as gone only when the vendor says so to its id', async () => {
  const { vendor, known } = vendorWith(10)
  vendor.accounts.delete('a3')
  const gone = await readAccounts(vendor.reader, known)
  assert.equal(gone.certificate.complete, true)
  assert.deepEqual(gone.provenGone, ['a3'])
  vendor.faults = [{ kind: 'halfList' }]
  const half = await readAccounts(vendor.reader, known)
  assert.equal(half.certificate.complete, false)
  assert.match(half.certificate.reasons[0] ?? '', /lacks 5 of 10 known accounts/)
})

test('an empty list is complete only where nothing was known, or everything known is proven gone', async () => {
  const { vendor, known } = vendorWith(4, [{ kind: 'emptyList' }])
  assert.equal((await readAccounts(vendor.reader, known)).certificate.complete, false)
  assert.equal((await readAccounts(vendor.reader, [])).certificate.complete, true)
  vendor.accounts.clear()
  const { certificate, provenGone } = await readAccounts(vendor.reader, known)
  assert.equal(certificate.complete, true)
  assert.equal(provenGone.length, 4)
})

test('a list that lost more than the limit is believed when a second walk agrees, and never when it is empty', async () => {
  const { vendor, known } = vendorWith(30)
  for (const id of known.slice(0, 7)) vendor.accounts.delete(id)
  const { certificate, provenGone } = await readAccounts(vendor.reader, known)
  assert.deepEqual([certificate.complete, provenGone.length, vendor.calls.filter((call) => call === 'list').length], [true, 7, 2])
  vendor.accounts.clear()
  const empty = await readAccounts(vendor.reader, known)
  assert.deepEqual([empty.certificate.complete, empty.provenGone], [false, []])
  assert.match(empty.certificate.reasons[0] ?? '', /^the list is empty and had 30 accounts before\. If it is true, raise/)
  assert.equal(
    (await readAccounts(vendor.reader, known, { shrinkLimit: { accounts: 30, percent: 0 } })).certificate.complete,
    true,
  )
})

test('a list that lost more than the limit is not believed when a second walk shows others', async () => {
  const { vendor, known } = vendorWith(30)
  for (const id of known.slice(0, 7)) vendor.accounts.delete(id)
  const all = [...vendor.accounts.values()]
  let walk = 0
  const reader: VendorReader = {
    ...vendor.reader,
    async *list() {
      yield { accounts: all.slice(walk++), declaredTotal: undefined }
    },
  }
  const { certificate, provenGone } = await readAccounts(reader, known)
  assert.deepEqual([certificate.complete, provenGone], [false, []])
  assert.match(certificate.reasons[0] ?? '', /shrank by 7 of 30 accounts: the list lacks known accounts, and a second walk/)
})

test('a list that lacks more than a hundred accounts is not believed, whatever their ids answer', async () => {
  const { vendor, known } = vendorWith(150)
  vendor.accounts.clear()
  const { certificate, provenGone } = await readAccounts(vendor.reader, known)
  assert.match(certificate.reasons.join(), /shrank by 150 of 150 accounts, too many to be true/)
  assert.equal(provenGone.length, 100)
})

test('repeated ids, a total that does not add up or changes, and a list that breaks off make a read incomplete', async () => {
  const { vendor } = vendorWith(2)
  const accounts: readonly Account[] = [...vendor.accounts.values()]
  const judge = async (pages: readonly AccountPage[]) => (await readAccounts(listing(vendor.reader, pages), [])).certificate
  assert.match(
    (await judge([{ accounts: [...accounts, ...accounts], declaredTotal: undefined }])).reasons.join(),
    /repeats 2 ids/,
  )
  assert.match((await judge([{ accounts, declaredTotal: 3 }])).reasons.join(), /declares 3 accounts and lists 2/)
  const [first, second] = accounts
  assert.ok(first && second)
  const pages = [
    { accounts: [first], declaredTotal: 2 },
    { accounts: [second], declaredTotal: 3 },
  ]
  assert.match((await judge(pages)).reasons.join(), /different totals/)
  vendor.faults = [{ kind: 'status500Before', operation: 'list' }]
  assert.match(
    (await readAccounts(vendor.reader, [])).certificate.reasons.join(),
    /could not be read to its end: the vendor answered 500/,
  )
})

/** A list that is cut by position, with what each of its passes shows. */
function cut(
  reader: VendorReader,
  passes: readonly (readonly string[])[],
  { total = (pass: readonly string[]) => pass.length }: { readonly total?: (pass: readonly string[]) => number } = {},
) {
  let pass = 0
  const asked: string[] = []
  const cutReader: VendorReader = {
    ...reader,
    paging: 'offset',
    read: async (id) => {
      asked.push(id)
      return reader.read(id)
    },
    async *list() {
      const ids = passes[Math.min(pass++, passes.length - 1)] ?? []
      const half = Math.ceil(ids.length / 2)
      for (const part of [ids.slice(0, half), ids.slice(half)]) {
        const accounts: Account[] = []
        for (const id of part) accounts.push((await reader.read(id)) ?? { ...blank, id, userName: id })
        yield { accounts, declaredTotal: total(ids) }
      }
    },
  }
  return { reader: cutReader, asked, passes: () => pass }
}

const blank: Account = {
  id: '',
  userName: '',
  email: undefined,
  givenName: undefined,
  familyName: undefined,
  status: 'active',
  roles: [],
  raw: {},
}

test('a list that is cut by position is read twice, and is complete when both readings agree', async () => {
  const { vendor, known } = vendorWith(6)
  const list = cut(vendor.reader, [known])
  const { certificate } = await readAccounts(list.reader, known)
  assert.deepEqual(
    [certificate.complete, certificate.passes, certificate.changedMeanwhile, list.passes(), list.asked],
    [true, 2, 0, 2, []],
  )
})

test('who came or went between two readings is asked for by id, and the certificate says how many', async () => {
  const { vendor, known } = vendorWith(6)
  const joined = vendor.put({ userName: 'joined' }).id
  vendor.accounts.delete('a2')
  const list = cut(vendor.reader, [known, [...known.filter((id) => id !== 'a2'), joined]])
  const { certificate, accounts, provenGone } = await readInMemory(list.reader, known)
  assert.deepEqual([certificate.complete, certificate.reasons, certificate.changedMeanwhile], [true, [], 2])
  assert.deepEqual(provenGone, ['a2'])
  assert.ok(accounts.some(({ id }) => id === joined) && accounts.every(({ id }) => id !== 'a2'))
})

test('whom a shift hid from one of two readings is not lost', async () => {
  const { vendor, known } = vendorWith(6)
  const list = cut(vendor.reader, [known.slice(1), known])
  const { certificate, accounts } = await readInMemory(list.reader, known)
  assert.deepEqual([certificate.complete, accounts.length], [true, 6])
})

test('two readings that both show fewer than the vendor declares are not complete', async () => {
  const { vendor, known } = vendorWith(6)
  const list = cut(vendor.reader, [known.slice(2), known.slice(1)], { total: () => 6 })
  const { certificate } = await readAccounts(list.reader, [])
  assert.equal(certificate.complete, false)
  assert.match(certificate.reasons[0] ?? '', /declares 6 accounts and lists 5/)
})

test('readings that differ by too much are not asked after and not believed', async () => {
  const { vendor, known } = vendorWith(300)
  const list = cut(vendor.reader, [known, known.slice(150)])
  const { certificate } = await readAccounts(list.reader, known)
  assert.equal(certificate.complete, false)
  assert.match(certificate.reasons[0] ?? '', /differ by 150/)
  assert.deepEqual(list.asked, [])
})
