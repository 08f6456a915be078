import type { ConnectionGauge, Gauges, Waiting } from '../../directory/gauges.ts'
import type { Family, Sample } from './exposition.ts'

/** What the store tells of the whole installation. Labels name organizations by their id and connections as their operators do; never a person. */
export function gaugeFamilies({ connections, work, mails, deliveries }: Gauges, now: Date): readonly Family[] {
  const of = (value: (connection: ConnectionGauge) => number | undefined): readonly Sample[] =>
    connections.flatMap((connection) => {
      const found = value(connection)
      return found === undefined ? [] : [{ labels: labelsOf(connection), value: found }]
    })
  return [
    gauge(
      'rollcall_connection_last_success_timestamp_seconds',
      'When the vendor last answered as it should: with everybody, or to a change. Absent before it first did.',
      of(({ lastSuccessAt }) => seconds(lastSuccessAt)),
    ),
    gauge(
      'rollcall_connection_last_read_timestamp_seconds',
      'When the last complete read of the vendor ended. Absent before the first one.',
      of(({ lastReadAt }) => seconds(lastReadAt)),
    ),
    gauge(
      'rollcall_connection_quarantined',
      '1 while nothing is written to the vendor because the connection is in quarantine.',
      of(({ quarantinedAt }) => (quarantinedAt ? 1 : 0)),
    ),
    gauge(
      'rollcall_connection_silent',
      '1 while the alarm stands that nothing complete was read for too long.',
      of(({ silentSince }) => (silentSince ? 1 : 0)),
    ),
    gauge(
      'rollcall_connection_writes_enabled',
      '1 where plans may change the vendor.',
      of(({ writesEnabled }) => (writesEnabled ? 1 : 0)),
    ),
    gauge(
      'rollcall_connection_failures_in_a_row',
      'Attempts that failed since the last one that did not.',
      connections.flatMap((connection) => [
        { labels: { ...labelsOf(connection), side: 'reads' }, value: connection.failedReads },
        { labels: { ...labelsOf(connection), side: 'writes' }, value: connection.failedWrites },
      ]),
    ),
    gauge('rollcall_work_in_hand', 'Connections that some process works on.', [{ value: work.inHand }]),
    ...waiting('rollcall_work_due', 'Work on connections that is due and that nobody has taken.', work.due, now),
    ...waiting('rollcall_mails_waiting', 'Mails that wait to be sent.', mails, now),
    ...waiting(
      'rollcall_webhook_deliveries_waiting',
      'Deliveries to webhooks that failed and wait for another attempt, or are held back.',
      deliveries,
      now,
    ),
    gauge(
      'rollcall_webhook_facts_behind',
      'Facts that webhooks want and have not come to yet, over all webhooks that are enabled.',
      [{ value: deliveries.behind }],
    ),
    gauge('rollcall_webhook_deliveries_dead', 'Deliveries to webhooks that were given up and can be replayed.', [
      { value: deliveries.dead },
    ]),
  ]
}

/** Of this process, under the names that every exporter uses. */
export const processFamilies = (
  uptimeSeconds: number,
  { rss, now }: { readonly rss: number; readonly now: Date },
): readonly Family[] => [
  gauge('process_start_time_seconds', 'When this process started.', [
    { value: Math.round(now.getTime() / 1000 - uptimeSeconds) },
  ]),
  gauge('process_resident_memory_bytes', 'Memory of this process.', [{ value: rss }]),
]

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, help, type: 'gauge', samples })

const waiting = (name: string, help: string, { count, since }: Waiting, now: Date): readonly Family[] => [
  gauge(name, help, [{ value: count }]),
  gauge(`${name}_oldest_age_seconds`, `How long the first of it has waited. ${help}`, [
    { value: since ? Math.max(0, (now.getTime() - since.getTime()) / 1000) : 0 },
  ]),
]

const seconds = (date: Date | undefined): number | undefined => date && date.getTime() / 1000

const labelsOf = ({ organizationId, name, vendor }: ConnectionGauge) => ({
  organization: organizationId,
  connection: name,
  vendor,
})
