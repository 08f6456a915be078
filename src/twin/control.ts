import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ConfigError } from '../directory/errors.ts'
import type { Twin } from './create.ts'
import type { Faults } from './faults.ts'
import type { WriteLedger } from './ledger.ts'

/** The routes by which whoever runs the twin looks at it and breaks it. From anywhere else than this machine they do not exist. */
export async function addControl(
  app: FastifyInstance,
  { faults, ledger, mails }: { readonly faults: Faults; readonly ledger: WriteLedger; readonly mails: Twin['mails'] },
): Promise<void> {
  await app.register(async (control) => {
    control.removeAllContentTypeParsers()
    control.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    control.addHook('onRequest', async (request, reply) => {
      if (!isAllowed(request)) await reply.code(404).send({ error: 'There is nothing here.' })
    })
    control.setErrorHandler(async (error, _request, reply) =>
      error instanceof ConfigError
        ? reply.code(400).send({ error: error.message })
        : reply.code(500).send({ error: 'The twin failed.' }),
    )
    control.get('/_twin/ledger', async (_request, reply) => reply.send({ writes: ledger.read() }))
    control.get('/_twin/mails', async (_request, reply) => reply.send({ mails: await mails() }))
    control.get('/_twin/faults', async (_request, reply) => reply.send(faults.list()))
    control.put('/_twin/faults', async (request, reply) => {
      faults.set(parseJson(request.body))
      return reply.send(faults.list())
    })
  })
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether a socket's address is of this machine's loopback, also as an IPv4 address within IPv6. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  if (isIPv4(address)) return loopback.check(address, 'ipv4')
  return isIPv6(address) && loopback.check(address, 'ipv6')
}

/** By the socket, since headers can be made up. A browser says where its page came from: pages have no business here. */
const isAllowed = ({ socket, headers }: FastifyRequest): boolean =>
  isLoopback(socket.remoteAddress) && headers.origin === undefined && (headers['sec-fetch-site'] ?? 'none') === 'none'

function parseJson(body: unknown): unknown {
  if (typeof body !== 'string') throw new ConfigError('Send the faults as a JSON list; [] clears them.')
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new ConfigError('The body is not JSON. Send the faults as a JSON list; [] clears them.', { cause })
  }
}
