import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyChain, hashFact, verifyChain, type Fact } from './fact.ts'

function chain(length: number): Fact[] {
  const facts: Fact[] = []
  for (let sequence = 1; sequence <= length; sequence++) {
    const fact: Omit<Fact, 'hash'> = {
      organizationId: 'o1',
      sequence,
      at: new Date(1_800_000_000_000 + sequence),
      actor: 'key1',
      via: 'scim.createUser',
      requestId: `r${sequence}`,
      action: 'member.added',
      subject: `m${sequence}`,
      detail: { userName: `person${sequence}@example.com` },
      previousHash: facts.at(-1)?.hash ?? emptyChain.hash,
    }
    facts.push({ ...fact, hash: hashFact(fact) })
  }
  return facts
}
const headOf = (facts: readonly Fact[]) => ({ sequence: facts.length, hash: facts.at(-1)!.hash })

test('an untouched chain is intact and ends at its head', async () => {
  const facts = chain(20)
  assert.deepEqual(await verifyChain(facts, headOf(facts)), { intact: true, head: headOf(facts) })
})

test('a changed, deleted, inserted, swapped or cut-off fact is found and the first bad one is named', async () => {
  const facts = chain(20)
  const head = headOf(facts)
  const bad = async (tampered: readonly Fact[]) => {
    const verdict = await verifyChain(tampered, head)
    return verdict.intact ? undefined : verdict.sequence
  }
  for (let index = 0; index < facts.length; index++) {
    const fact = facts[index]!
    assert.equal(await bad(facts.with(index, { ...fact, actor: 'somebody else' })), index + 1)
    assert.equal(await bad(facts.with(index, { ...fact, detail: {} })), index + 1)
    assert.equal(await bad(facts.toSpliced(index, 1)), index + 1)
    assert.equal(await bad(facts.toSpliced(index, 0, fact)), index + 2 > 20 && index === 19 ? 21 : index + 2)
    assert.equal(await bad(facts.slice(0, index)), index + 1)
    if (index > 0) assert.equal(await bad(facts.with(index - 1, fact).with(index, facts[index - 1]!)), index)
  }
})

test('a fact that was changed and hashed again is found at the one that follows', async () => {
  const facts = chain(5)
  const { hash: _, ...rest } = { ...facts[2]!, subject: 'another' }
  const verdict = await verifyChain(facts.with(2, { ...rest, hash: hashFact(rest) }), headOf(facts))
  assert.deepEqual(verdict.intact ? undefined : verdict.sequence, 4)
})
