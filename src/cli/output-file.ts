import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'

/** How much text is gathered before it goes to the disk, in characters. */
const batch = 64 * 1024

/**
 * Writes a file piece by piece, readable by its owner alone. It appears under its name once it is whole; when `write` throws, what stood there stays.
 */
export async function writeWhole(path: string, write: (add: (text: string) => Promise<void>) => Promise<void>): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`
  const file = await open(partial, 'wx', 0o600)
  try {
    let waiting = ''
    await write(async (text) => {
      waiting += text
      if (waiting.length < batch) return
      await file.writeFile(waiting)
      waiting = ''
    })
    await file.writeFile(waiting)
    await file.sync()
    await file.close()
    await rename(partial, path)
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(partial, { force: true })
    throw error
  }
}
