#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Keeps compiled sources for the next start, in a folder that only whoever may change the sources can write to.
enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'rollcall'))

const { runCli } = await import('./cli/run.ts')
process.exitCode = await runCli(process.argv.slice(2), process.env, process)
