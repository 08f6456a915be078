/** Does the work at each SIGHUP, one after another; answers how to stop listening, which waits for what is under way. */
export function onReload(work: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve()
  const again = () => void (running = running.then(work))
  process.on('SIGHUP', again)
  return async () => {
    process.off('SIGHUP', again)
    await running
  }
}

/** Resolves at the first request to stop. A second one ends the process at once, as it would without us. */
export function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop).off('SIGINT', stop)
      resolve()
    }
    process.on('SIGTERM', stop).on('SIGINT', stop)
  })
}
