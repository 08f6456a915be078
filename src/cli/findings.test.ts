import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { inProcess } from '../../tests/cli.ts'
import { temporaryFolder } from '../../tests/folder.ts'
import { openHub } from '../app.ts'
import { dialects } from '../dialects/index.ts'
import { createClient } from '../dialects/native/connect.ts'
import { createTwin } from '../twin/create.ts'

const User = z.looseObject({ UserId: z.string(), Username: z.string(), Email: z.string() })

/** A hub and a stand-in for Bandwidth with a few people, and the command line of two people: one who operates and one who approves. */
async function openStory(t: TestContext) {
  const folder = temporaryFolder(t)
  const bandwidth = dialects.find(({ name }) => name === 'bandwidth')
  assert.ok(bandwidth)
  const twin = await createTwin({ dialect: bandwidth, home: join(folder, 'twin'), people: 4, seed: 3, clock: () => new Date() })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  const hub = await openHub({ home: join(folder, 'hub'), environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  t.after(async () => {
    await hub.close()
    await twin.close()
  })
  const credentials = z
    .object({ baseUrl: z.string(), accountId: z.string(), username: z.string(), password: z.string() })
    .parse(twin.credentials)
  const access = await hub.home.createOrganization(
    { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] },
    hub.url,
  )
  const key = access['native']?.['key'] ?? ''
  const owner = createClient({
    url: hub.url,
    key,
    fetch,
    sleep: async (ms) => sleep(ms),
    random: Math.random,
    newKey: randomUUID,
    timeoutMs: 30_000,
  })
  const approverKey = (await owner.createCredential({ body: { name: 'approver', duty: 'approver' } })).key
  const { id: connectionId } = await owner.createConnection({
    body: {
      name: 'bw',
      vendor: 'bandwidth',
      baseUrl: credentials.baseUrl,
      credentials,
      assignments: [{ kind: 'everyone' }],
      policy: { changes: 'approval' },
    },
  })
  await owner.changeConnection({ connectionId, body: { writesEnabled: true } })
  const atVendor = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const reply = await fetch(`${credentials.baseUrl}/accounts/${credentials.accountId}/users${path}`, {
      method,
      headers: {
        authorization: `Basic ${btoa(`${credentials.username}:${credentials.password}`)}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return reply.status === 204 ? undefined : await reply.json()
  }
  return {
    owner,
    connectionId,
    run: (...args: readonly string[]) => inProcess(args, { ROLLCALL_URL: hub.url, ROLLCALL_KEY: key }),
    approve: (...args: readonly string[]) => inProcess(args, { ROLLCALL_URL: hub.url, ROLLCALL_KEY: approverKey }),
    atVendor,
    people: async () => z.object({ Users: z.array(User) }).parse(await atVendor('GET', '')).Users,
    join: (userName: string, email: string) =>
      owner.createMember({
        body: { as: 'active', userName, emails: [{ value: email }], name: { givenName: 'Given', familyName: 'Family' } },
      }),
  }
}

const bw = ['--connection', 'bw'] as const

test('a person answers whose account it is, explains and takes back a link, and merges two accounts', async (t) => {
  const story = await openStory(t)
  const [first, second, third] = await story.people()
  assert.ok(first && second && third)
  const { member } = await story.join('newcomer', first.Email)
  assert.equal((await story.run('import', ...bw, '--json')).code, 0)

  const { questions } = (await story.run('questions', ...bw, '--json')).json
  assert.deepEqual(
    questions.map(({ subject, candidates }: { subject: string; candidates: { accountId: string }[] }) => [
      subject,
      candidates.map(({ accountId }) => accountId),
    ]),
    [['newcomer', [first.UserId]]],
  )
  const [question] = questions
  const shown = await story.run('questions', 'show', question.id)
  assert.match(shown.stdout, /\+ email: .*\n/)
  assert.match(shown.stdout, /- userName: newcomer, the account has /)
  assert.equal((await story.people()).length, 4, 'nobody was made meanwhile')

  const answer = ['questions', 'answer', question.id, '--reason', 'badge checked'] as const
  assert.equal((await story.run(...answer)).code, 1, 'one answer has to be given')
  assert.equal((await story.run(...answer, '--link', second.UserId)).code, 1, 'of the accounts that are asked about')
  assert.equal((await story.run(...answer, '--link', first.UserId, '--seen', '7')).code, 5, 'on what was seen')
  assert.equal((await story.run(...answer, '--link', first.UserId)).code, 0)
  assert.match((await story.run('questions')).stderr, /nothing to answer/)

  const listed = (await story.run('links', 'list', ...bw, '--json')).json
  assert.deepEqual(
    listed.links.map(({ accountId, memberId, rule }: Record<string, string>) => [accountId, memberId, rule]),
    [[first.UserId, member.id, 'manual']],
  )
  const why = await story.run('links', 'explain', 'newcomer', ...bw)
  assert.match(why.stdout, /manual/)
  assert.match(why.stdout, /asked and answered link by .*: badge checked/)
  assert.match(why.stdout, /link\.made by/)

  const merge = await story.run(
    'links',
    'merge',
    ...bw,
    '--keep',
    first.UserId,
    '--remove',
    second.UserId,
    '--reason',
    'both hers',
    '--json',
  )
  assert.equal(merge.code, 2, merge.stderr)
  const { plan } = merge.json
  assert.equal((await story.run('apply', plan.id)).code, 4)
  assert.equal((await story.approve('approve', plan.id, '--digest', plan.digest, '--reason', 'seen both')).code, 0)
  assert.equal((await story.run('apply', plan.id)).code, 0)
  assert.deepEqual((await story.people()).map(({ UserId }) => UserId).includes(second.UserId), false)

  const unlinked = await story.run('links', 'unlink', 'newcomer', ...bw, '--reason', 'somebody else', '--json')
  assert.deepEqual([unlinked.code, unlinked.json.question.state], [0, 'open'], unlinked.stderr)
  assert.equal((await story.run('links', 'unlink', ...bw)).code, 1)
  await story.run('import', ...bw)
  assert.equal((await story.run('questions', '--person', 'newcomer', '--json')).json.questions.length, 1)
})

test('findings are one list to decide on: adopt, revert by a plan, ignore until a date', async (t) => {
  const story = await openStory(t)
  const [first, second, third] = await story.people()
  assert.ok(first && second && third)
  await story.join('ada', 'ada@example.com')
  await story.run('import', ...bw)
  const made = await story.owner.createPlan({ connectionId: story.connectionId })
  await story.owner.applyPlan({ planId: made.id })
  const ada = (await story.people()).find(({ Username }) => Username === 'ada')
  assert.ok(ada)
  await story.atVendor('PUT', `/${ada.UserId}`, { FirstName: 'Ada', LastName: 'Byron', Email: 'ada@example.com' })
  await story.run('import', ...bw)

  const counts = (await story.run('findings', '--counts', '--json')).json
  assert.deepEqual(counts, {
    total: 5,
    kinds: [
      { kind: 'drift', count: 1 },
      { kind: 'orphan', count: 4 },
    ],
  })
  const find = async (...filter: readonly string[]) => (await story.run('findings', 'list', '--json', ...filter)).json.findings
  const [drift] = await find('--kind', 'drift')
  const [byPerson, ...others] = await find('--person', 'ada@example.com', ...bw)
  assert.deepEqual([byPerson?.id, others.length], [drift.id, 0])
  const shown = await story.run('findings', 'show', drift.id)
  assert.match(shown.stdout, /familyName: ours Family, theirs Byron/)
  assert.match(shown.stdout, /rollcall findings revert/)

  const revert = await story.run(
    'findings',
    'revert',
    drift.id,
    '--reason',
    'not agreed',
    '--seen',
    String(drift.version),
    '--json',
  )
  assert.equal(revert.code, 2, revert.stderr)
  assert.deepEqual(
    revert.json.plan.steps.map(({ kind, accountId }: Record<string, string>) => [kind, accountId]),
    [['update', ada.UserId]],
  )
  assert.equal((await story.run('findings', 'revert', drift.id, '--reason', 'again', '--seen', '9')).code, 5)
  const { plan } = revert.json
  const approved = await story.approve('approve', plan.id, '--digest', plan.digest, '--reason', 'seen')
  assert.equal(approved.code, 0, approved.stderr)
  assert.equal((await story.run('apply', plan.id)).code, 0)
  await story.run('import', ...bw)
  assert.deepEqual(await find('--kind', 'drift'), [])

  const orphanOf = async ({ UserId }: { readonly UserId: string }) =>
    (await find('--kind', 'orphan')).find(({ subject }: Record<string, string>) => subject === UserId)?.id
  const reason = ['--reason', 'known'] as const
  assert.equal((await story.run('findings', 'adopt', await orphanOf(first), '--outside', ...reason)).code, 0)
  const bob = await story.join('bob', 'bob@example.com')
  assert.equal((await story.run('findings', 'adopt', await orphanOf(second), '--person', 'bob', ...reason)).code, 0)
  const ignored = await orphanOf(third)
  assert.equal((await story.run('findings', 'ignore', ignored, '--until', 'soon', ...reason)).code, 1)
  const until = new Date(Date.now() + 86_400_000).toISOString()
  assert.equal((await story.run('findings', 'ignore', ignored, '--until', until, ...reason)).code, 0)
  await story.run('import', ...bw)
  assert.deepEqual([await orphanOf(first), await orphanOf(second), await orphanOf(third)], [undefined, undefined, undefined])
  assert.equal((await find('--state', 'ignored'))[0]?.id, ignored)
  const { links, markings } = (await story.run('links', 'list', ...bw, '--json')).json
  assert.ok(
    links.some(({ accountId, memberId }: Record<string, string>) => accountId === second.UserId && memberId === bob.member.id),
  )
  assert.deepEqual(
    markings.map(({ accountId, kind }: Record<string, string>) => [accountId, kind]),
    [[first.UserId, 'outside']],
  )
  assert.match((await story.run('links', 'list', ...bw)).stdout, /\(nobody\) +outside/)
  assert.equal((await story.run('links', 'unlink', '--account', first.UserId, ...bw)).code, 0)
  await story.run('import', ...bw)
  assert.notEqual(await orphanOf(first), undefined)
  assert.equal((await story.run('findings', '--kind', 'odd')).code, 1)
})
