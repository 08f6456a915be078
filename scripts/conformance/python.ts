import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { missing, runProgram, type Verdict } from './suite.ts'

/** A virtual environment of its own with what `requirement` says, made once and kept in the cache; its `bin` folder, or why the machine cannot make it. */
export function installPython(
  cache: string,
  name: string,
  requirement: string,
): { readonly bin: string } | Extract<Verdict, { readonly kind: 'missing' }> {
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
