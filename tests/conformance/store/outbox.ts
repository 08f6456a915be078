import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Explanation } from '../../../src/directory/explanation.ts'
import { stateOf, useBench, type CreateDatabase } from './bench.ts'

export function outboxConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const at = new Date('2026-03-01T10:20:30.456Z')
  const later = (seconds: number) => new Date(at.getTime() + seconds * 1_000)

  const put = async (to: string | undefined, createdAt = at) => {
    const { opened, organization, newId } = bench()
    const { organizationId } = await organization()
    const mail = { id: newId(), organizationId, invitationId: newId(), to, token: `token ${newId()}`, createdAt }
    await opened.store.write(organizationId, (tx) => tx.putMail(mail))
    return mail
  }
  const drain = async (now: Date) => {
    for (;;) {
      const mail = await bench().opened.outbox.claim({ holder: 'drain', now, leaseMs: 1 })
      if (!mail) return
      await bench().opened.outbox.settle(mail, { kind: 'dropped', at: now, reason: 'drained' })
    }
  }

  test('a mail comes back as it was put, its token sealed in the database, and is gone with the transaction that failed', async () => {
    const { opened, database, organization, newId } = bench()
    const mail = await put('ada@example.com')
    const { token, ...rest } = mail
    assert.deepEqual(await opened.outbox.mail(mail.id), {
      ...rest,
      token,
      state: 'waiting',
      attempts: 0,
      reason: undefined,
      dueAt: at,
      settledAt: undefined,
    })
    assert.equal(JSON.stringify(await database.execute('select * from mails')).includes(token), false)
    const { organizationId } = await organization()
    const lost = { ...mail, id: newId(), organizationId }
    await assert.rejects(
      opened.store.write(organizationId, async (tx) => {
        await tx.putMail(lost)
        throw new Error('no')
      }),
    )
    assert.equal(await opened.outbox.mail(lost.id), undefined)
    await drain(later(1))
  })

  test('an invitation and its mail are one change', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const { invitationToken } = await directory.addMember(call, {
      state: stateOf('ada', { emails: [{ value: 'ada@example.com' }] }),
      as: 'invited',
    })
    const [mail] = await opened.outbox.mails({ limit: 1 })
    assert.deepEqual([mail?.organizationId, mail?.to, mail?.token], [call.organizationId, 'ada@example.com', invitationToken])
    await drain(new Date(Date.now() + 1_000))
  })

  test('one process at a time has a mail in hand, the first due first, and who lost it settles nothing', async () => {
    const { opened, other } = bench()
    const second = await put('grace@example.com', later(2))
    const first = await put('ada@example.com', later(1))
    const claim = (outbox: typeof opened.outbox, holder: string, now: Date) => outbox.claim({ holder, now, leaseMs: 10_000 })
    assert.equal(await claim(opened.outbox, 'a', at), undefined)
    const mine = await claim(opened.outbox, 'a', later(3))
    assert.deepEqual([mine?.id, mine?.attempts, mine?.fence], [first.id, 1, 1])
    const theirs = await claim(other.outbox, 'b', later(3))
    assert.equal(theirs?.id, second.id)
    assert.equal(await claim(other.outbox, 'b', later(4)), undefined)
    const taken = await claim(other.outbox, 'b', later(14))
    assert.deepEqual([taken?.id, taken?.attempts], [first.id, 2])
    assert.ok(mine && theirs && taken)
    assert.equal(await opened.outbox.settle(mine, { kind: 'sent', at: later(14) }), false)
    assert.equal((await opened.outbox.mail(first.id))?.state, 'waiting')

    assert.equal(await other.outbox.settle(taken, { kind: 'later', dueAt: later(100), reason: 'down' }), true)
    assert.equal(await claim(other.outbox, 'b', later(12)), undefined)
    const again = await claim(opened.outbox, 'a', later(100))
    assert.deepEqual([again?.id, again?.attempts, again?.reason, again?.token], [second.id, 2, undefined, second.token])
    const third = await claim(opened.outbox, 'a', later(100))
    assert.deepEqual([third?.id, third?.reason], [first.id, 'down'])
    assert.ok(again && third)
    assert.equal(await opened.outbox.settle(third, { kind: 'sent', at: later(101) }), true)
    assert.equal(await opened.outbox.settle(again, { kind: 'refused', at: later(101), reason: 'no such box' }), true)
    const sent = await opened.outbox.mail(first.id)
    assert.deepEqual(
      [sent?.state, sent?.token, sent?.reason, sent?.dueAt, sent?.settledAt],
      ['sent', undefined, undefined, undefined, later(101)],
    )
    assert.deepEqual((await opened.outbox.mail(second.id))?.reason, 'no such box')
    assert.equal(await claim(opened.outbox, 'a', later(10_000)), undefined)
  })

  test('a mail to nobody is kept and never claimed; the list is newest first, and old mails are taken away', async () => {
    const { opened } = bench()
    const kept = await put(undefined, later(20_000))
    const newest = await put('ada@example.com', later(20_000))
    assert.equal((await opened.outbox.claim({ holder: 'a', now: later(19_000), leaseMs: 1 }))?.id, undefined)
    const page = await opened.outbox.mails({ limit: 1 })
    assert.deepEqual(
      page.map(({ id }) => id),
      [newest.id],
    )
    const next = await opened.outbox.mails({ before: newest.id, limit: 1 })
    assert.deepEqual(
      next.map(({ id, dueAt }) => [id, dueAt]),
      [[kept.id, undefined]],
    )
    await opened.outbox.prune(later(20_000))
    const left = (await opened.outbox.mails({ limit: 1_000 })).filter(({ state }) => state === 'waiting')
    assert.deepEqual(
      left.map(({ id }) => id),
      [newest.id, kept.id],
    )
    assert.ok((await opened.outbox.prune(new Date(Date.now() + 1e9))) >= 2)
    assert.deepEqual(await opened.outbox.mails({ limit: 1 }), [])
  })

  test('an explanation is found by its request, by its own organization alone, and only so many are kept', async () => {
    const { opened, newId } = bench()
    const [mine, theirs] = [newId(), newId()]
    const explain = (over: Partial<Explanation>): Explanation => ({
      id: newId(),
      requestId: 'r-1',
      at,
      dialect: 'twilio',
      operation: 'createUser',
      organizationId: mine,
      refusal: 'planGate',
      field: 'x',
      code: 'y',
      message: 'Not on this plan.',
      ...over,
    })
    const own = explain({})
    const bare = explain({ organizationId: undefined, operation: undefined, field: undefined, code: undefined })
    const other = explain({ organizationId: theirs, at: later(1) })
    await opened.explanations.add([own, bare, other, explain({ requestId: 'r-2' })])
    await opened.explanations.add([])
    assert.deepEqual(await opened.explanations.find('r-1'), [own, bare, other])
    assert.deepEqual(await opened.explanations.find('r-3'), [])
    await opened.store.read(async (reader) => {
      assert.deepEqual(await reader.explanations(mine, 'r-1'), [own])
      assert.deepEqual(await reader.explanations(theirs, 'r-1'), [other])
    })
    await opened.explanations.prune({ before: later(-1), keep: 4 })
    assert.equal((await opened.explanations.find('r-1')).length, 3)
    await opened.explanations.prune({ before: later(-1), keep: 2 })
    assert.deepEqual(await opened.explanations.find('r-1'), [other])
    await opened.explanations.prune({ before: later(1), keep: 2 })
    assert.deepEqual([await opened.explanations.find('r-1'), await opened.explanations.find('r-2')], [[other], []])
  })
}
