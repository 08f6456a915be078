import { accessSync, constants } from 'node:fs'

const memory = '/dev/shm'

/**
 * From here on whatever goes into the folder for temporary files stays in memory, where the system has such a place and nobody named another. For runs that
 * commit many thousands of times: a killed process loses nothing there either, and how a disk fares when the power fails is not what they look at.
 */
export function keepInMemory(): void {
  try {
    accessSync(memory, constants.W_OK)
    process.env['TMPDIR'] ??= memory
  } catch {
    // No such place: the disk serves as well.
  }
}
