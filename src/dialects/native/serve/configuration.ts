import type { Call } from '../../../directory/call.ts'
import type { ConfigurationEngine } from '../../../sync/configuration/engine.ts'
import type { Difference } from '../../../sync/configuration/configuration.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/configuration.ts'
import { withoutKey } from './request.ts'

export function serveConfiguration(
  mount: Mount<Call>,
  { directory }: Pick<ServeServices, 'directory'>,
  engine: ConfigurationEngine,
): void {
  mount(wire.readConfiguration, async (call) => {
    const { applied, drift } = await engine.getConfiguration(call)
    return {
      value: {
        applied: applied && { file: applied.file, digest: applied.digest, at: applied.appliedAt, by: applied.appliedBy },
        configuration: wire.Configuration.parse(applied?.configuration ?? { version: 1 }),
        drift: drift.map(toDifference),
      },
    }
  })
  mount(wire.applyConfiguration, async (call, { body }) => {
    const report = await engine.applyConfiguration(await withoutKey(directory, call), body)
    return {
      value: {
        digest: report.digest,
        created: [...report.created],
        changed: [...report.changed],
        kept: report.kept.map(toDifference),
        released: [...report.released],
      },
    }
  })
  mount(wire.compareConfiguration, async (call, { body }) => ({
    value: { differences: (await engine.compareConfiguration(call, body)).map(toDifference) },
  }))
}

const toDifference = (difference: Difference) => wire.Difference.parse(difference)
