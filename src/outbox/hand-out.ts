import type { HandedKey, HandOutcome, HandOuts } from '../sync/keys/hand-out.ts'
import { runCommand } from './hand-out-command.ts'
import { writeKeyFile } from './hand-out-file.ts'
import type { HandOutSettings } from './hand-out-settings.ts'
import { postKey, type Post } from './hand-out-webhook.ts'

/** Hands new keys out as the settings say, and in no other way: callers of the API choose among names. */
export function createHandOuts(
  settings: readonly HandOutSettings[],
  parts: { readonly post: Post; readonly clock: () => Date },
): HandOuts {
  return {
    offeredTo: (connectionId) =>
      settings.filter(({ connections }) => connections.includes(connectionId)).map(({ name, kind }) => ({ name, kind })),
    deliver: async (name, key) => {
      const found = settings.find((one) => one.name === name && one.connections.includes(key.connection))
      if (!found) return { outcome: 'failed', reason: 'settings.json sets it up for this connection no more' }
      return deliver(found, key, parts)
    },
  }
}

function deliver(
  settings: HandOutSettings,
  key: HandedKey,
  { post, clock }: { readonly post: Post; readonly clock: () => Date },
): Promise<HandOutcome> {
  if (settings.kind === 'file') return writeKeyFile(settings.path, key)
  return settings.kind === 'command' ? runCommand(settings, key) : postKey(settings, key, { post, now: clock() })
}
