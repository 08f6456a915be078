#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Compiled code is kept beside the packages: the next start is quicker and smaller. Where that folder cannot be written, nothing is kept.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/rollcall'))
const { runCli } = await import('./cli/run.ts')
process.exitCode = await runCli(process.argv.slice(2), process.env, process)
