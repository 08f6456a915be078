import { fold } from '../directory/fold.ts'
import { emailOf, type Membership } from '../directory/membership.ts'
import type { Executor } from './executor.ts'
import { putRow } from './rows.ts'
import { statement } from './statement.ts'

type Addressed = Pick<Membership, 'organizationId' | 'id' | 'emails'>

const put = putRow('member_emails', { key: ['organization_id', 'value_key', 'membership_id'], rest: [] })
const remove = statement(
  (db, p: { readonly organization_id: string; readonly value_key: string; readonly membership_id: string }) =>
    db
      .deleteFrom('member_emails')
      .where('organization_id', '=', p.organization_id)
      .where('value_key', '=', p.value_key)
      .where('membership_id', '=', p.membership_id),
)

/**
 * Keeps the addresses by which a member is found beside `memberships.email_key`; most have none. `before` is who stood there, `after` who does now. A row too
 * many finds nobody: what it finds is held against the member (narrowing.ts).
 */
export async function keepEmails(
  executor: Executor,
  { before, after }: { readonly before: Addressed | undefined; readonly after: Addressed | undefined },
): Promise<void> {
  const [old, wanted] = [furtherKeys(before), furtherKeys(after)]
  const member = after ?? before
  if (!member) return
  const row = (value_key: string) => ({ organization_id: member.organizationId, value_key, membership_id: member.id })
  await Promise.all([
    ...[...old.difference(wanted)].map((key) => executor.run(remove, row(key))),
    ...[...wanted.difference(old)].map((key) => executor.run(put, row(key))),
  ])
}

function furtherKeys(member: Addressed | undefined): ReadonlySet<string> {
  const email = member && emailOf(member)
  if (!member || member.emails.length < 2 || email === undefined) return new Set()
  const keys = new Set(member.emails.map(({ value }) => fold(value)))
  keys.delete(fold(email))
  return keys
}
