import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openHub, type Hub } from '../app.ts'
import { dialects } from '../dialects/index.ts'
import { verifyReceipt } from '../sync/receipt.ts'
import { createTwin, type Twin } from '../twin/create.ts'
import { joiner, leaver, lookup } from './demo-requests.ts'
import { chapter, exchange, only, say, type Screen } from './demo-transcript.ts'

/** A demo that is still up: hub and twin answer until it is closed. */
export interface Demo {
  close(): Promise<void>
}

const Access = z.object({
  native: z.object({ baseUrl: z.string(), key: z.string() }),
  scim: z.object({ baseUrl: z.string(), token: z.string() }),
})
const VendorAccess = z.object({ baseUrl: z.string(), accountId: z.string(), username: z.string(), password: z.string() })
const Created = z.object({ id: z.string() })
const PlanReply = z.object({
  id: z.string(),
  digest: z.string(),
  text: z.string(),
  steps: z.array(z.object({ kind: z.string(), subject: z.string(), state: z.string() })),
})
const Findings = z.object({ items: z.array(z.object({ kind: z.string(), subject: z.string(), message: z.string() })) })
const Users = z.object({ Users: z.array(z.looseObject({ UserId: z.string(), Username: z.string() })) })

/**
 * Plays the main job on this machine alone: a hub, a stand-in for Bandwidth, and an identity provider's requests. Every step prints what was sent and
 * answered. Throws when a step does not come out as told, so that a finished demo is a passed one.
 */
export async function demo({ screen, port }: { readonly screen: Screen; readonly port: number }): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-demo-'))
  const bandwidth = dialects.find((dialect) => dialect.name === 'bandwidth')
  if (!bandwidth) throw new TypeError('the registry has no bandwidth dialect')
  const twin = await createTwin({ dialect: bandwidth, home: join(folder, 'twin'), people: 12, seed: 1, clock: () => new Date() })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  const hub = await openHub({ home: join(folder, 'hub'), environment: {}, host: '127.0.0.1', port, log: undefined })
  const close = async () => {
    await hub.close()
    await twin.close()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await play(screen, { hub, twin, folder })
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}

async function play(
  screen: Screen,
  { hub, twin, folder }: { readonly hub: Hub; readonly twin: Twin; readonly folder: string },
): Promise<void> {
  const vendor = VendorAccess.parse(twin.credentials)
  const organization = await hub.home.createOrganization(
    { name: 'Example Inc', plan: 'enterprise', sso: 'okta', emailDomains: [] },
    hub.url,
  )
  const access = Access.parse(organization)
  const native = { authorization: `Bearer ${access.native.key}` }
  const scim = { authorization: `Bearer ${access.scim.token}` }
  const basic = {
    authorization: `Basic ${Buffer.from(`${vendor.username}:${vendor.password}`).toString('base64')}`,
    accept: 'application/json',
  }
  const api = (path: string) => `${access.native.baseUrl}${path}`
  const users = `${vendor.baseUrl}/accounts/${vendor.accountId}/users`

  chapter(screen, '1. Connect Bandwidth (here: its stand-in, with 12 people in it)')
  const connection = Created.parse(
    (
      await exchange(
        { ...screen, write: redacted(screen, vendor.password) },
        {
          method: 'POST',
          url: api('/connections'),
          headers: native,
          body: {
            name: 'bandwidth',
            vendor: 'bandwidth',
            baseUrl: vendor.baseUrl,
            credentials: vendor,
            assignments: [{ kind: 'everyone' }],
          },
        },
        only('id', 'name', 'writesEnabled'),
      )
    ).body,
  )
  await exchange(screen, { method: 'POST', url: api(`/connections/${connection.id}/check`), headers: native })

  chapter(screen, '2. Who is there that nobody vouches for? An import reads everything and changes nothing')
  await exchange(
    screen,
    { method: 'POST', url: api(`/connections/${connection.id}/import`), headers: native },
    only('snapshot', 'matched'),
  )
  const orphans = await findings(screen, api(`/findings?connectionId=${connection.id}`), { headers: native, kind: 'orphan' })
  expect(orphans.length > 0, 'the stand-in has orphans')

  chapter(screen, '3. A joiner: the identity provider pushes, the account appears at the vendor')
  await exchange(
    screen,
    { method: 'PATCH', url: api(`/connections/${connection.id}`), headers: native, body: { writesEnabled: true } },
    only('name', 'writesEnabled'),
  )
  await exchange(screen, { method: 'GET', url: access.scim.baseUrl + lookup, headers: scim })
  const member = Created.parse(
    (await exchange(screen, { method: 'POST', url: `${access.scim.baseUrl}/Users`, headers: scim, body: joiner })).body,
  )
  await exchange(screen, { method: 'POST', url: `${access.scim.baseUrl}/Users`, headers: scim, body: joiner })
  say(screen, 'The same push again is a conflict and adds nothing. At the vendor:')
  const accountId = await until('the account at the vendor', async () => {
    const reply = await fetch(users, { headers: basic })
    return Users.parse(await reply.json()).Users.find((user) => user.Username === joiner.userName)?.UserId
  })
  await exchange(screen, { method: 'GET', url: `${users}/${accountId}`, headers: basic })

  chapter(screen, '4. Drift: somebody edits the account in the vendor’s console')
  await exchange(screen, {
    method: 'PUT',
    url: `${users}/${accountId}`,
    headers: basic,
    body: { FirstName: 'Ada', LastName: 'Byron', Email: joiner.userName },
  })
  await exchange(screen, { method: 'POST', url: api(`/connections/${connection.id}/import`), headers: native }, only('matched'))
  const drift = await findings(screen, api(`/findings?connectionId=${connection.id}`), { headers: native, kind: 'drift' })
  expect(drift.length > 0, 'the edit is found')

  chapter(screen, '5. A leaver: the identity provider deactivates, a removal waits for approval')
  await exchange(
    screen,
    { method: 'PATCH', url: `${access.scim.baseUrl}/Users/${member.id}`, headers: scim, body: leaver },
    only('userName', 'active'),
  )
  const planId = await until('the plan', async () => {
    const reply = await fetch(api(`/plans?connectionId=${connection.id}&state=open`), { headers: native })
    const plans = z.object({ items: z.array(z.object({ id: z.string(), removals: z.number() })) }).parse(await reply.json())
    return plans.items.find((plan) => plan.removals > 0)?.id
  })
  const plan = PlanReply.parse(
    (await exchange(screen, { method: 'GET', url: api(`/plans/${planId}`), headers: native }, only('text'))).body,
  )
  const refused = await exchange(screen, { method: 'POST', url: api(`/plans/${planId}/apply`), headers: native })
  expect(refused.status >= 400, 'nothing is removed without approval')

  chapter(screen, '6. Approval by a second person, removal, and proof')
  const approver = z
    .object({ key: z.string() })
    .parse(await post(api('/credentials'), { headers: native, body: { name: 'approver', duty: 'approver' } }))
  await exchange(screen, {
    method: 'POST',
    url: api(`/plans/${planId}/approvals`),
    headers: { authorization: `Bearer ${approver.key}` },
    body: { digest: plan.digest, reason: 'Ada has left the company (ticket 4711).' },
  })
  await until('the removal', async () =>
    (await fetch(`${users}/${accountId}`, { headers: basic })).status === 404 ? true : undefined,
  )
  await exchange(screen, { method: 'GET', url: `${users}/${accountId}`, headers: basic })
  const receiptId = await until('the receipt', async () => {
    const reply = await fetch(api('/receipts'), { headers: native })
    return z.object({ items: z.array(z.object({ id: z.string() })) }).parse(await reply.json()).items[0]?.id
  })
  const receipt = z
    .object({ text: z.string() })
    .parse((await exchange(screen, { method: 'GET', url: api(`/receipts/${receiptId}`), headers: native }, only('text'))).body)
  const file = join(folder, 'receipt.json')
  writeFileSync(file, receipt.text)
  expect(verifyReceipt(receipt.text).valid, 'the receipt verifies')
  expect(!verifyReceipt(receipt.text.replace('ada.', 'bob.')).valid, 'a changed receipt does not')
  say(screen, 'The receipt verifies offline; with one name in it changed it does not.')

  chapter(screen, 'What to try next')
  const keyFile = join(folder, 'owner.key')
  writeFileSync(keyFile, `${access.native.key}\n`, { mode: 0o600 })
  say(
    screen,
    [
      `hub        ${hub.url}   reference: ${hub.url}/docs   SCIM: ${access.scim.baseUrl}`,
      `stand-in   ${vendor.baseUrl}   every write it accepted: ${new URL('/_twin/ledger', vendor.baseUrl).href}`,
      '',
      `export ROLLCALL_URL=${hub.url}`,
      `npm run --silent rollcall -- connection list --key-file ${keyFile}`,
      `npm run --silent rollcall -- findings --key-file ${keyFile}`,
      `npm run --silent rollcall -- drift --connection bandwidth --key-file ${keyFile}`,
      `npm run --silent rollcall -- verify ${file}`,
      `curl -X PUT ${new URL('/_twin/faults', vendor.baseUrl).href} -H 'content-type: application/json' -d '[{"kind":"emptyList"}]'   # the vendor lies: nobody is removed`,
    ].join('\n'),
  )
}

async function findings(
  screen: Screen,
  url: string,
  { headers, kind }: { readonly headers: Readonly<Record<string, string>>; readonly kind: string },
): Promise<z.output<typeof Findings>['items']> {
  const of = (body: unknown) => Findings.parse(body).items.filter((finding) => finding.kind === kind)
  const { body } = await exchange(screen, { method: 'GET', url, headers }, (answer) => {
    const found = of(answer)
    return { found: `${found.length} of kind ${kind}`, first: found.slice(0, 2).map((finding) => finding.message) }
  })
  return of(body)
}

async function post(
  url: string,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: unknown },
): Promise<unknown> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!reply.ok) throw new Error(`The demo failed: POST ${url} answered ${reply.status}.`)
  return reply.json()
}

/** Asks again until there is an answer, for at most ten seconds. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(50)
  }
  throw new Error(`The demo failed: ${what} did not come within 10 seconds.`)
}

const redacted = (screen: Screen, secret: string) => (text: string) => screen.write(text.replaceAll(secret, '••••'))

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`The demo failed: it does not hold that ${what}.`)
}
