import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { ConfigError } from '../directory/errors.ts'
import { createOutbound, isPublicAddress } from '../directory/outbound.ts'
import { createSafeFetch, type SafeFetchOptions } from './safe-fetch.ts'

/** Counts what connects to any address of this machine, and hands the first bytes on. */
async function openListener(t: TestContext, onData: (socket: Socket, bytes: Buffer) => void = (socket) => socket.destroy()) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined).on('data', (bytes) => onData(socket, Buffer.from(bytes)))
  }).listen(0, '0.0.0.0')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { sockets, port: (server.address() as AddressInfo).port }
}

async function openServer(t: TestContext, listener: RequestListener) {
  const server = createHttpServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const options = (over: Partial<SafeFetchOptions> = {}): SafeFetchOptions => ({
  outbound: createOutbound([]),
  timeoutMs: 5_000,
  maxBytes: 1_000,
  lookup: () => Promise.reject(new Error('nothing is to be looked up here')),
  ...over,
})
const local = createOutbound(['127.0.0.1'])

const closedRanges = [
  [0, 1, 2, 3],
  [10, 0, 0, 1],
  [10, 255, 255, 254],
  [100, 64, 0, 1],
  [100, 127, 255, 254],
  [127, 0, 0, 1],
  [127, 0, 0, 2],
  [127, 255, 255, 254],
  [168, 63, 129, 16],
  [169, 254, 169, 254],
  [172, 16, 0, 1],
  [172, 31, 255, 254],
  [192, 0, 0, 192],
  [192, 0, 2, 1],
  [192, 88, 99, 1],
  [192, 168, 0, 1],
  [192, 168, 255, 254],
  [198, 18, 0, 1],
  [198, 19, 255, 254],
  [198, 51, 100, 7],
  [203, 0, 113, 7],
  [224, 0, 0, 1],
  [239, 255, 255, 250],
  [240, 0, 0, 1],
  [255, 255, 255, 255],
] as const
const closed6 = [
  '::',
  '::1',
  '100::1',
  '2001::1',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
]

type Quad = (typeof closedRanges)[number]
const hex = (number: number, digits = 2) => number.toString(16).padStart(digits, '0')
const whole = ([a, b, c, d]: Quad) => a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
const pair = ([a, b, c, d]: Quad) => `${hex(a)}${hex(b)}:${hex(c)}${hex(d)}`

/** One address in every spelling that a URL parser takes. */
const spellings = (quad: Quad): readonly string[] => [
  quad.join('.'),
  `${quad.join('.')}.`,
  String(whole(quad)),
  `0x${hex(whole(quad), 8)}`,
  `0${whole(quad).toString(8)}`,
  quad.map((part) => `0x${hex(part)}`).join('.'),
  quad.map((part) => `0${part.toString(8)}`).join('.'),
  `${quad[0]}.${whole(quad) % 2 ** 24}`,
  `${quad[0]}.${quad[1]}.${whole(quad) % 2 ** 16}`,
  quad.join('%2e'),
  quad.join('。'),
  quad.join('.').replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  `[::ffff:${quad.join('.')}]`,
  `[::ffff:${pair(quad)}]`,
  `[::${pair(quad)}]`,
  `[64:ff9b::${quad.join('.')}]`,
  `[2002:${pair(quad)}::1]`,
  `[2001:0:4136:e378:8000:63bf:${pair(quad)}]`,
]

test('over 900 URLs that lead to no public address are refused, by what they say or by what their name leads to: nothing connects', async (t) => {
  const { sockets, port } = await openListener(t)
  const literal = [...closedRanges.flatMap(spellings), ...closed6.map((address) => `[${address}]`)]
  const addresses = [
    ...closedRanges.map((quad) => quad.join('.')),
    ...closed6,
    ...closedRanges.map((quad) => `::ffff:${quad.join('.')}`),
    'fe80::1%lo',
  ]
  const urls = [
    ...literal.flatMap((host) => [`http://${host}:${port}/`, `https://${host}:${port}/latest/meta-data`]),
    'ftp://93.184.216.34/',
    'file:///etc/passwd',
    'data:,x',
    'gopher://93.184.216.34:70/',
    'ws://93.184.216.34/',
    'http://93.184.216.34/',
    'http://example.com/',
    'https://user@93.184.216.34/',
    'https://:secret@93.184.216.34/',
  ]
  let lookups = 0
  for (const url of urls) await assert.rejects(createSafeFetch(options())(url, { method: 'POST', body: 'x' }), ConfigError, url)
  for (const address of addresses)
    for (const list of [[address], ['93.184.216.34', address], [address, '2606:4700::1']]) {
      const lookup = async () => {
        lookups++
        return list.map((each) => ({ address: each, family: each.includes(':') ? 6 : 4 }))
      }
      await assert.rejects(
        createSafeFetch(options({ lookup }))(`https://hook.example:${port}/`),
        /hook\.example \(.+\) is not a public/,
      )
    }
  assert.ok(urls.length + addresses.length * 3 > 900, String(urls.length))
  assert.equal(lookups, addresses.length * 3)
  assert.equal(sockets.length, 0)
  // The listener does hear whoever is let through.
  await assert.rejects(createSafeFetch(options({ outbound: local }))(`http://127.0.0.1:${port}/`))
  assert.equal(sockets.length, 1)
})

test('public addresses are public, also beside the edges of what is not', () => {
  for (const address of [
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '128.0.0.1',
    '169.253.1.1',
    '172.15.0.1',
  ])
    assert.equal(isPublicAddress(address), true, address)
  for (const address of [
    '172.32.0.1',
    '192.167.1.1',
    '198.17.1.1',
    '198.20.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450::1',
    '2001:4860::8',
  ])
    assert.equal(isPublicAddress(address), true, address)
  for (const nothing of ['', 'localhost', '1.1.1', '1.1.1.1 ']) assert.equal(isPublicAddress(nothing), false, nothing)
})

test('a name is looked up once, and the connection goes to the address that was checked, whatever the name leads to next', async (t) => {
  const { sockets, port } = await openListener(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
  let lookups = 0
  const lookup = async () => [{ address: lookups++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
  const safeFetch = createSafeFetch(options({ outbound: local, lookup }))
  const reply = await safeFetch(`http://rebind.example:${port}/`)
  assert.equal(await reply.text(), 'ok')
  assert.deepEqual(
    sockets.map(({ localAddress }) => localAddress),
    ['127.0.0.1'],
  )
  assert.equal(lookups, 1)
  // The next request is looked up anew, and refused.
  await assert.rejects(safeFetch(`http://rebind.example:${port}/`), ConfigError)
  assert.deepEqual([lookups, sockets.length], [2, 1])
})

test('the host is named in the request and in the TLS handshake, though the connection goes to an address', async (t) => {
  const heard: Buffer[] = []
  const { port } = await openListener(t, (socket, bytes) => {
    heard.push(bytes)
    socket.destroy()
  })
  const safeFetch = createSafeFetch(
    options({ outbound: createOutbound(['127.0.0.1']), lookup: async () => [{ address: '127.0.0.1', family: 4 }] }),
  )
  await assert.rejects(safeFetch(`https://hooks.example.com:${port}/`))
  await assert.rejects(safeFetch(`http://hooks.example.com:${port}/a?b`, { headers: { host: 'other.example' } }))
  assert.equal(heard[0]?.[0], 0x16, 'a TLS handshake')
  assert.ok(heard[0]?.includes('hooks.example.com'))
  assert.match(String(heard[1]), new RegExp(`^GET /a\\?b HTTP/1\\.1\r\n(?:.*\r\n)*Host: hooks\\.example\\.com:${port}\r\n`, 'i'))
  assert.doesNotMatch(String(heard[1]), /other\.example/)
})

test('a redirect is answered and not followed', async (t) => {
  const paths: (string | undefined)[] = []
  const port = await openServer(t, (request, response) => {
    paths.push(request.url)
    response.writeHead(302, { location: '/inside' }).end()
  })
  const reply = await createSafeFetch(options({ outbound: local }))(`http://127.0.0.1:${port}/`, { redirect: 'follow' })
  assert.deepEqual([reply.status, reply.headers.get('location'), paths], [302, '/inside', ['/']])
})

test('an answer is read up to its limit and no longer than the time, and a look-up that hangs ends too', async (t) => {
  const port = await openServer(t, (request, response) => {
    if (request.url === '/never') return
    response.writeHead(200)
    response.write('x'.repeat(1_000))
    if (request.url === '/long') response.write('y')
    if (request.url === '/short') response.end()
  })
  const at = (path: string, over: Partial<SafeFetchOptions> = {}) =>
    createSafeFetch(options({ outbound: local, ...over }))(`http://127.0.0.1:${port}${path}`)
  assert.equal((await (await at('/short')).text()).length, 1_000)
  await assert.rejects((await at('/long')).text(), /longer than 1000 bytes/)
  await assert.rejects(
    at('/never', { timeoutMs: 50 }),
    (error: Error) => error.cause instanceof Error && error.cause.name === 'TimeoutError',
  )
  await assert.rejects((await at('/slow', { timeoutMs: 100 })).text())
  const hanging = createSafeFetch(options({ outbound: local, timeoutMs: 50, lookup: () => new Promise(() => undefined) }))
  await assert.rejects(hanging('https://slow.example/'), { name: 'TimeoutError' })
  await assert.rejects(createSafeFetch(options({ lookup: async () => [] }))('https://none.example/'), { code: 'ENOTFOUND' })
})

test('whoever needs no more than the status lets the rest of the answer go, and the connection with it', async (t) => {
  const closed = Promise.withResolvers<void>()
  const port = await openServer(t, (_request, response) => {
    response.writeHead(200).write('x')
    response.once('close', () => closed.resolve())
  })
  const reply = await createSafeFetch(options({ outbound: local }))(`http://127.0.0.1:${port}/`)
  await reply.body?.cancel()
  await closed.promise
  assert.equal(reply.status, 200)
})

test('no proxy of the environment is asked', async (t) => {
  const { sockets, port: proxy } = await openListener(t)
  const port = await openServer(t, (_request, response) => response.end('direct'))
  const script = `
    import { createSafeFetch } from ${JSON.stringify(new URL('safe-fetch.ts', import.meta.url).href)}
    import { createOutbound } from ${JSON.stringify(new URL('../directory/outbound.ts', import.meta.url).href)}
    const safeFetch = createSafeFetch({ outbound: createOutbound(['127.0.0.1']), timeoutMs: 5000, maxBytes: 100 })
    console.log(await (await safeFetch('http://127.0.0.1:${port}/')).text())
    console.log(await fetch('http://127.0.0.1:${port}/').then((reply) => reply.text(), () => 'by proxy'))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${proxy}`, http_proxy: `http://127.0.0.1:${proxy}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(child, 'close')
  assert.equal(said, 'direct\nby proxy\n', 'the plain fetch beside it does ask the proxy')
  assert.equal(sockets.length, 1)
})

test('the operator allows addresses, ranges, names and the names below one; anything else in the list is told', () => {
  const outbound = createOutbound(['10.1.0.0/16', 'fd00::/8', 'hooks.internal', '*.corp.example'])
  const refusal = (url: string, address: string) => outbound.refusalOfAddress(new URL(url), address)
  for (const [url, address] of [
    ['http://a.example/', '10.1.2.3'],
    ['https://a.example/', 'fd00::7'],
    ['http://hooks.internal/', '192.168.0.1'],
    ['http://hooks.internal./', '192.168.0.1'],
    ['http://deep.a.corp.example/', '127.0.0.1'],
  ] as const)
    assert.equal(refusal(url, address), undefined, url)
  for (const [url, address] of [
    ['https://a.example/', '10.2.0.1'],
    ['https://xhooks.internal/', '192.168.0.1'],
    ['https://corp.example/', '127.0.0.1'],
    ['https://corp.example.evil.example/', '127.0.0.1'],
    ['http://a.example/', '93.184.216.34'],
  ] as const)
    assert.notEqual(refusal(url, address), undefined, url)
  assert.equal(outbound.refusalOfUrl(new URL('http://10.1.0.9/')), undefined)
  for (const entry of ['10.0.0.0/33', '10.0.0.0/x', 'http://a', '', 'a b', '*.', 'fe80::1/129', 'a/8'])
    assert.throws(() => createOutbound([entry]), ConfigError, entry)
})
