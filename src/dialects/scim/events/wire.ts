import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'

// RFC 8936 (November 2020): a receiver asks for security event tokens, and says which of those that it was given it has.

/** Most tokens in one answer. */
export const mostEvents = 100

const name = z.string().max(200)

export const pollEvents = operation({
  name: 'pollEvents',
  summary:
    'Security event tokens (RFC 8936, RFC 9967) of what happens to Users and Groups from the first request on; what is not acknowledged is given again. Waits up to 25 seconds for something, unless returnImmediately',
  method: 'POST',
  path: '/events',
  request: json(
    z.object({
      maxEvents: z.int().min(0).optional(),
      returnImmediately: z.boolean().optional(),
      ack: z.array(name).max(1_000).optional(),
      setErrs: z.record(name, z.object({ err: z.string().max(100), description: z.string().optional() })).optional(),
    }),
  ),
  status: 200,
  reply: json(z.object({ sets: z.record(z.string(), z.string()), moreAvailable: z.boolean() })),
})

export const readEventKeys = operation({
  name: 'readEventKeys',
  summary: 'The public keys that security event tokens are signed with, as a JSON Web Key Set (RFC 7517)',
  method: 'GET',
  path: '/events/keys',
  status: 200,
  reply: json(z.object({ keys: z.array(z.record(z.string(), z.string())) })),
  open: true,
})

export const eventOperations = [pollEvents, readEventKeys] as const
