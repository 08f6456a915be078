import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Call } from '../directory/call.ts'
import type { Directory } from '../directory/directory.ts'
import { ConfigError } from '../directory/errors.ts'

const Write = z.strictObject({ at: z.iso.datetime(), operation: z.string(), subject: z.string() })

/** A write that the twin accepted. `subject` is the user or display name as it was before; of something new, its first one. */
export type Write = z.output<typeof Write>

/** Every write that was accepted, in order, kept in a file with one JSON object a line. */
export interface WriteLedger {
  record(write: Write): void
  /** Throws ConfigError that names a line which is not a write. */
  read(): readonly Write[]
}

export const openLedger = (file: string): WriteLedger => ({
  record: (write) => appendFileSync(file, `${JSON.stringify(write)}\n`, { mode: 0o600 }),
  read: () =>
    (existsSync(file) ? readFileSync(file, 'utf8') : '')
      .split('\n')
      .slice(0, -1)
      .map((line, index) => parseWrite(line, `${file}:${index + 1}`)),
})

function parseWrite(line: string, place: string): Write {
  try {
    return Write.parse(JSON.parse(line))
  } catch (cause) {
    throw new ConfigError(`${place} is not a write of the ledger. Remove the home and start again.`, { cause })
  }
}

/** The directory, with every accepted write of people, groups and keys recorded as soon as it stands and before anybody is told. */
export function recordWrites(directory: Directory, ledger: WriteLedger): Directory {
  const record = ({ now, via }: Call, subject: string) =>
    ledger.record({ at: now.toISOString(), operation: via.slice(via.lastIndexOf('.') + 1), subject })

  /** Records what `subjectOf` finds in the answer. */
  const recording =
    <I, O>(run: (call: Call, input: I) => Promise<O>, subjectOf: (outcome: O) => string) =>
    async (call: Call, input: I): Promise<O> => {
      const outcome = await run(call, input)
      record(call, subjectOf(outcome))
      return outcome
    }
  const userName = (member: { readonly userName: string }) => member.userName
  const displayName = (group: { readonly displayName: string }) => group.displayName

  return {
    ...directory,
    addMember: recording(directory.addMember, ({ member }) => member.userName),
    addMembers: async (call, input) => {
      const members = await directory.addMembers(call, input)
      for (const member of members) record(call, member.userName)
      return members
    },
    addPerson: recording(directory.addPerson, userName),
    suspendMember: recording(directory.suspendMember, userName),
    resumeMember: recording(directory.resumeMember, userName),
    removeMember: recording(directory.removeMember, userName),
    changeMember: async (call, input) => {
      let before: string | undefined
      const member = await directory.changeMember(call, {
        ...input,
        change: (current) => {
          before = current.userName
          return input.change(current)
        },
      })
      record(call, before ?? member.userName)
      return member
    },
    addGroup: recording(directory.addGroup, displayName),
    removeGroup: recording(directory.removeGroup, displayName),
    changeGroup: async (call, input) => {
      const before = await directory.getGroup(call, input)
      const group = await directory.changeGroup(call, input)
      record(call, before.displayName)
      return group
    },
    createCredential: recording(directory.createCredential, ({ credential }) => credential.name),
    revokeCredential: recording(directory.revokeCredential, ({ name }) => name),
  }
}
