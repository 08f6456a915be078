import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** What of a process is in memory now, in MB: from /proc where there is one, else from ps. */
export function residentMb(pid: number): number {
  if (existsSync('/proc/self/status')) return statusMb(pid, 'VmRSS')
  return (Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024) / 1e6
}

/** The most that was in memory since the process began, in MB; NaN where there is no /proc. */
export const peakMb = (pid: number): number => (existsSync('/proc/self/status') ? statusMb(pid, 'VmHWM') : Number.NaN)

/** What a process has computed since it began, in seconds; NaN where there is no /proc. */
export function cpuSeconds(pid: number): number {
  if (!existsSync('/proc/self/stat')) return Number.NaN
  // After the name of the program, which may hold anything: utime and stime are the 12th and 13th, in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function statusMb(pid: number, line: 'VmRSS' | 'VmHWM'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return (Number(new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024) / 1e6
}
