import type { Scope } from './credential.ts'
import { DirectoryError } from './errors.ts'
import { hashFact, type ChainHead, type Fact, type FactDraft } from './fact.ts'
import type { FactWriter, Transactions } from './store.ts'

/** Who is asking, on whose behalf, when, and through what. Every command and query takes it first. */
export interface Call {
  readonly organizationId: string
  /** Id of the credential, or `system:<part>`. */
  readonly actor: string
  readonly scopes: ReadonlySet<Scope>
  /** The workspace that the credential is confined to, for dialects that have such credentials; commands do not look at it. */
  readonly workspaceId?: string | undefined
  /** The connection that the credential is confined to: its dialect lets it reach nothing else. */
  readonly connectionId?: string | undefined
  /** The organization's, as of when the credential was looked at (Organization.extensionsRevision). */
  readonly extensionsRevision?: number | undefined
  readonly now: Date
  readonly requestId: string
  /** The operation, such as `scim.createUser`. */
  readonly via: string
  /** A write that came with an idempotency key: repeated, it answers what it answered first. One call, one command: a handler that runs several drops it. */
  readonly idempotency?: { readonly key: string; readonly fingerprint: string } | undefined
}

/** The call with the right to read alone, for what a dialect has to know of an organization to serve it; nothing of it is answered. */
export const asReader = (call: Call): Call => ({ ...call, scopes: new Set(['read']) })

/** The call of whoever may write with the right to read what it writes: a dialect that answers writes with what they made of it needs both. */
export const asWriter = (call: Call): Call =>
  call.scopes.has('write') && !call.scopes.has('read') ? { ...call, scopes: new Set([...call.scopes, 'read']) } : call

const nothing = Symbol('nothing changed')

/** The outcome of a command that found everything as asked: no fact, since nothing happened. */
export const unchanged = <O>(outcome: O) => [outcome, nothing] as const

export type Outcome<O> = readonly [O, FactDraft, ...FactDraft[]] | readonly [O, typeof nothing]

/**
 * Builds a command: it checks its scope, runs in one transaction that holds the organization, and must say what happened; the facts are
 * stored with the change. With an idempotency key, the first outcome is stored with it too, and a repetition gets that outcome.
 */
export const command =
  <R, W extends FactWriter, I, O>(
    store: Transactions<R, W>,
    scope: Scope,
    run: (tx: W, call: Call, input: I) => Promise<Outcome<O>>,
  ) =>
  async (call: Call, input: I): Promise<O> => {
    need(call, scope)
    return store.write(call.organizationId, async (tx) => {
      const { idempotency } = call
      if (idempotency) {
        const saved = await tx.savedResult(call.organizationId, call.actor, idempotency.key, call.now)
        if (saved && saved.fingerprint !== idempotency.fingerprint)
          throw new DirectoryError('keyReused', 'This Idempotency-Key was used for another request. Send a new key.')
        // oxlint-disable-next-line no-unsafe-type-assertion -- saved under this key and fingerprint by this same command
        if (saved) return saved.result as O
      }
      // Nobody else appends while the organization is held, so that the database may be asked before the work, and need not be waited for.
      const head = tx.chainHead(call.organizationId)
      head.catch(() => {})
      const [outcome, ...drafts] = await run(tx, call, input)
      const facts = chain(
        call,
        await head,
        drafts.filter((draft) => draft !== nothing),
      )
      if (facts.length > 0) await tx.appendFacts(facts)
      if (idempotency)
        await tx.saveResult(call.organizationId, call.actor, idempotency.key, {
          fingerprint: idempotency.fingerprint,
          result: outcome,
          at: call.now,
        })
      return outcome
    })
  }

/** Builds a query: it checks its scope and gets a reader that cannot write. */
export const query =
  <R, W extends FactWriter, I, O>(store: Transactions<R, W>, scope: Scope, run: (tx: R, call: Call, input: I) => Promise<O>) =>
  async (call: Call, input: I): Promise<O> => {
    need(call, scope)
    return store.read((tx) => run(tx, call, input))
  }

/** The facts that come behind the head. */
function chain(call: Call, head: ChainHead, drafts: readonly FactDraft[]): readonly Fact[] {
  let { sequence, hash } = head
  return drafts.map(({ action, subject, detail = {} }) => {
    const fact = {
      organizationId: call.organizationId,
      sequence: ++sequence,
      at: call.now,
      actor: call.actor,
      via: call.via,
      requestId: call.requestId,
      action,
      subject,
      detail,
      previousHash: hash,
    }
    hash = hashFact(fact)
    return { ...fact, hash }
  })
}

function need(call: Call, scope: Scope): void {
  if (!call.scopes.has(scope))
    throw new DirectoryError('forbidden', `This credential lacks the scope "${scope}". Use one that has it.`)
}
