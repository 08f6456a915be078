import type { Call } from '../../directory/call.ts'
import type { AppliedConfiguration, Configuration, Difference } from './configuration.ts'

/** Desired state as a file says it. Comparing and applying need the scope `operate`, reading `read`. */
export interface ConfigurationEngine {
  /** What was applied last, and what stands otherwise since. */
  getConfiguration(
    call: Call,
  ): Promise<{ readonly applied: AppliedConfiguration | undefined; readonly drift: readonly Difference[] }>
  /** What applying it would change, and what it would have to leave. Changes nothing. */
  compareConfiguration(call: Call, input: { readonly configuration: Configuration }): Promise<readonly Difference[]>
  /** Makes it stand, as far as nothing is removed and nothing that was switched off for safety is switched on again. Everything is checked before anything is changed. */
  applyConfiguration(call: Call, input: { readonly file: string; readonly configuration: Configuration }): Promise<ApplyReport>
}

export interface ApplyReport {
  readonly digest: string
  /** Paths of the connections and webhooks that were made, and of the settings that were changed. */
  readonly created: readonly string[]
  readonly changed: readonly string[]
  /** What the file names and still stands otherwise. */
  readonly kept: readonly Difference[]
  /** What the file named before and names no longer: it stands as it is, and nothing manages it. */
  readonly released: readonly string[]
}
