import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'

const Handed = z.object({ key: z.object({ id: z.string(), secret: z.string() }) })
type Key = z.output<typeof Handed>['key']

export interface Traffic {
  readonly requests: () => number
  /** What was answered in place of 200, by status, or why there was no answer. */
  readonly failures: () => Readonly<Record<string, number>>
  /** Resolves when every client has had an answer with that key. */
  readonly usedByAll: (keyId: string) => Promise<void>
  stop(): Promise<void>
}

/**
 * Services that call Sinch all the while with the key in a file, which they read again for every request: half of them by Basic, half by a token that
 * they keep for as long as the key is the same.
 */
export function startTraffic(input: {
  readonly baseUrl: string
  readonly projectId: string
  readonly keyFile: string
  readonly perSecond: number
  readonly clients: number
}): Traffic {
  const { baseUrl, projectId, keyFile, perSecond, clients } = input
  const failures: Record<string, number> = {}
  const using = new Map<number, string>()
  const tokens = new Map<number, { readonly keyId: string; readonly token: Promise<string> }>()
  const sent = new Set<Promise<void>>()
  let requests = 0
  const stopping = new AbortController()

  const authorizationOf = async (client: number, key: Key): Promise<string> => {
    if (client % 2 === 0) return `Basic ${btoa(`${key.id}:${key.secret}`)}`
    const kept = tokens.get(client)
    const token = kept?.keyId === key.id ? kept.token : issueToken(baseUrl, key)
    tokens.set(client, { keyId: key.id, token })
    return `Bearer ${await token}`
  }
  const send = async (client: number) => {
    requests++
    let outcome: string
    try {
      const { key } = Handed.parse(JSON.parse(readFileSync(keyFile, 'utf8')))
      const authorization = await authorizationOf(client, key)
      const answer = await fetch(`${baseUrl}/projects/${projectId}/members`, { headers: { authorization } })
      await answer.arrayBuffer()
      outcome = String(answer.status)
      if (answer.status === 200) using.set(client, key.id)
    } catch (error) {
      tokens.delete(client)
      outcome = reasonOf(error)
    }
    if (outcome !== '200') failures[outcome] = (failures[outcome] ?? 0) + 1
  }
  const sending = (async () => {
    const began = performance.now()
    for (let index = 0; !stopping.signal.aborted; index++) {
      const request = send(index % clients).finally(() => sent.delete(request))
      sent.add(request)
      const dueMs = began + ((index + 1) * 1_000) / perSecond - performance.now()
      await wait(Math.max(0, dueMs))
    }
  })()

  return {
    requests: () => requests,
    failures: () => failures,
    usedByAll: async (keyId) => {
      const all = () => using.size === clients && [...using.values()].every((id) => id === keyId)
      while (!all()) await wait(5)
    },
    stop: async () => {
      stopping.abort()
      await sending
      await Promise.all(sent)
    },
  }
}

/** Asks again when the endpoint has been asked too often, as Sinch's own client does (SNCH-P05). */
async function issueToken(baseUrl: string, { id, secret }: Key, tries = 5): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret })
  const answer = await fetch(`${baseUrl}/oauth2/token`, { method: 'POST', body })
  if (answer.status === 429 && tries > 1) {
    await answer.body?.cancel()
    await wait(500 * Math.random())
    return issueToken(baseUrl, { id, secret }, tries - 1)
  }
  if (answer.status !== 200) throw new Error(`token ${answer.status}`)
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
