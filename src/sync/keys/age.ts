import type { Policy } from '../connection.ts'
import type { VendorKey } from '../vendor.ts'

const dayMs = 24 * 60 * 60 * 1_000

/** Whole days since the key was made; undefined where the vendor does not say when that was. */
export const ageInDays = ({ createdAt }: Pick<VendorKey, 'createdAt'>, now: Date): number | undefined =>
  createdAt && Math.max(0, Math.floor((now.getTime() - createdAt.getTime()) / dayMs))

/** Whether the policy calls the key too old. A key of unknown age never is. */
export function isTooOld(key: Pick<VendorKey, 'createdAt'>, { findings }: Pick<Policy, 'findings'>, now: Date): boolean {
  const age = ageInDays(key, now)
  return findings?.keyMaxAgeDays !== undefined && age !== undefined && age >= findings.keyMaxAgeDays
}
