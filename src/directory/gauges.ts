/** How one connection fares. Nothing in it names a person. */
export interface ConnectionGauge {
  readonly organizationId: string
  readonly name: string
  readonly vendor: string
  readonly writesEnabled: boolean
  readonly lastSuccessAt: Date | undefined
  readonly lastReadAt: Date | undefined
  readonly failedReads: number
  readonly failedWrites: number
  readonly quarantinedAt: Date | undefined
  readonly silentSince: Date | undefined
}

/** Something that waits, and since when the first of it does. */
export interface Waiting {
  readonly count: number
  readonly since: Date | undefined
}

/** What whoever runs an installation watches, over all organizations and as every process sees it. */
export interface Gauges {
  readonly connections: readonly ConnectionGauge[]
  readonly work: {
    /** Due, and taken by nobody; since when it is due. */
    readonly due: Waiting
    readonly inHand: number
  }
  readonly mails: Waiting
  /** `behind`: facts that webhooks want and have not come to yet, of each webhook the first 100,000 at most. */
  readonly deliveries: Waiting & { readonly dead: number; readonly behind: number }
}

export interface GaugeReader {
  read(now: Date): Promise<Gauges>
}
