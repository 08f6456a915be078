#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Plain JavaScript, so that a start from compiled code needs no type stripper. What is compiled is kept beside the packages; where that folder
// cannot be written, nothing is kept.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/rollcall'))
const { runCli } = await import('../src/cli/run.ts')
process.exitCode = await runCli(process.argv.slice(2), process.env, process)
