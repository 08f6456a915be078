// The product, composed: what commands, tests and benchmarks open.
export { openHome, lockHome, type Home } from './app/home.ts'
export { openHub, type Hub, type HubOptions } from './app/hub.ts'
export { type NamedFile } from './app/desired-state.ts'
export { openPostman } from './app/outgoing.ts'
export { engineOf, syncParts } from './app/sync-parts.ts'
