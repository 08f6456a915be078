import type { SyncParts } from '../parts.ts'
import { assignmentCommands } from './assignment.ts'
import type { ApplicationEngine } from './engine.ts'
import { provisioningQueries } from './provisionings.ts'

/** Assigning needs the scope `write`, since it is what a provider's token has; looking needs `read`. */
export const createApplicationEngine = (parts: SyncParts): ApplicationEngine => ({
  ...assignmentCommands(parts),
  ...provisioningQueries(parts),
})
