import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { missing, runProgram, type Missing } from './suite.ts'

/** A virtual environment with what `requirement` says, made once and kept in the cache under its name: its `bin` folder, or why the machine cannot make it. */
export function installPython(
  cache: string,
  { name, requirement }: { readonly name: string; readonly requirement: string },
): { readonly bin: string } | Missing {
  const environment = join(cache, name)
  const bin = join(environment, 'bin')
  const python = join(bin, 'python')
  if (!existsSync(python)) {
    const made = runProgram('python3', ['-m', 'venv', environment])
    if (made?.status !== 0) return missing('It needs python3 with venv, 3.10 or later.')
  }
  const installed = runProgram(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement])
  if (installed?.status !== 0) return missing(`pip could not install ${requirement}: ${lastLine(installed?.stderr)}`)
  return { bin }
}

const lastLine = (text = ''): string => text.trim().split('\n').at(-1) ?? ''
