/** A way by which new keys reach whoever uses them, set up by whoever runs the server and called by its name. */
export interface HandOut {
  readonly name: string
  readonly kind: 'file' | 'command' | 'webhook'
}

/** A new key on its way to whoever uses it. The same message may come twice: `rotation` tells. */
export interface HandedKey {
  readonly rotation: string
  readonly connection: string
  readonly vendor: string
  readonly key: { readonly id: string; readonly secret: string }
  /** Id of the key that it stands in for, valid until the rotation is done. */
  readonly replaces: string
}

/** `written`: it lies where it is looked for. `acknowledged`: whoever got it has said so. `failed`: they may not have it; the reason holds no secret. */
export type HandOutcome =
  | { readonly outcome: 'written' | 'acknowledged' }
  | { readonly outcome: 'failed'; readonly reason: string }

export interface HandOuts {
  /** Those that the keys of a connection may go to. */
  readonly offeredTo: (connectionId: string) => readonly HandOut[]
  /** Hands a key out; never throws for what the receiver does. */
  readonly deliver: (name: string, key: HandedKey) => Promise<HandOutcome>
}
