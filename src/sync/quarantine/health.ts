/** Asking a vendor, and changing something there: either may fail while the other goes well. */
export type Side = 'reads' | 'writes'

/** How the attempts of one side went lately. */
export interface Streak {
  /** Failed attempts in a row; 0 after a success. */
  readonly failures: number
  /** When the first of them failed. */
  readonly since?: Date
  /** The last attempts, the newest at the end: `0` failed, `1` went well. */
  readonly recent: string
}

/** Why a connection is in quarantine. `person`: somebody put it there, and it stays until somebody lets it go. */
export type QuarantineCause = 'failures' | 'credentials' | 'planGate' | 'person'

/** Nothing is written to the vendor of a connection in quarantine; what is planned and approved waits. */
export interface Quarantine {
  readonly cause: QuarantineCause
  readonly since: Date
  /** What failed and what to do about it, in sentences. */
  readonly reason: string
  /** The credential of whoever put it there. */
  readonly by?: string
  /** When the vendor is asked again whether it works; without it nobody asks. */
  readonly probeAt?: Date
  /** How many times it was asked, and how many of the last ones in a row went well, or did not. */
  readonly probes: number
  readonly successes: number
  readonly failed: number
  /** Why the last probe did not go well. */
  readonly lastProbe?: string
}

/** How a connection fares, for every process the same. It is part of the connection. */
export interface Health {
  /** When the vendor last answered as it should: it listed everybody, or answered to a change. */
  readonly lastSuccessAt?: Date
  /** When the last complete read ended. */
  readonly lastReadAt?: Date
  readonly lastFailure?: { readonly at: Date; readonly side: Side; readonly status: number; readonly message: string }
  readonly reads: Streak
  readonly writes: Streak
  readonly quarantine?: Quarantine
  /** When it last came back by itself, and how many times in a row it had to go again soon after that. */
  readonly cameBackAt?: Date
  readonly relapses: number
  /** Since when the alarm stands that nothing complete was heard for too long. */
  readonly silentSince?: Date
}

const untold: Streak = { failures: 0, recent: '' }

/** Of a connection of which nothing is known yet. */
export const unknownHealth: Health = { reads: untold, writes: untold, relapses: 0 }

/** When a connection goes into quarantine, and how it comes back; each has a default where it is absent. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- it is told in facts as JSON, which no interface is assignable to
export type QuarantinePolicy = {
  /** So many failures in a row, or three quarters of four times as many attempts; 0 for never. 10 where it is absent. */
  readonly failures?: number
  /** How long after a probe that went well the next one is sent; after one that did not, twice as long each time, up to an hour. 5 where it is absent. */
  readonly probeMinutes?: number
  /** So many probes in a row have to go well. 2 where it is absent. */
  readonly successes?: number
}

/** Of a policy: what decides on quarantine and silence. */
export interface HealthPolicy {
  readonly quarantine?: QuarantinePolicy
  readonly silenceHours?: number
}

export const defaultSilenceHours = 6

/** With every default in its place. */
export const quarantineLimits = ({ quarantine }: HealthPolicy): Required<QuarantinePolicy> => ({
  failures: 10,
  probeMinutes: 5,
  successes: 2,
  ...quarantine,
})

/** How long a connection may be without a complete read before that is an alarm; undefined for ever. */
export const silenceMs = ({ silenceHours = defaultSilenceHours }: HealthPolicy): number | undefined =>
  silenceHours === 0 ? undefined : silenceHours * 3_600_000

/** In a sentence, what waits and until when. */
export const quarantineNote = (name: string, { since, reason }: Pick<Quarantine, 'since' | 'reason'>): string =>
  `connection ${name} is in quarantine since ${since.toISOString()}, and nothing is written there: ${reason.replace(/\.$/, '')}`
