import { accessSync, constants } from 'node:fs'

// Imported first by runs that commit many thousands of times: whatever they put into the folder for temporary files stays in memory where the system has
// such a place. A killed process loses nothing there either; how a disk fares when the power fails is not what they look at.

const memory = '/dev/shm'
try {
  accessSync(memory, constants.W_OK)
  process.env['TMPDIR'] ??= memory
} catch {
  // No such place: the disk serves as well.
}
