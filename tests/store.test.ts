import { storeConformance } from './conformance/store.ts'
import { stores } from './stores.ts'

for (const [store, create] of Object.entries(stores)) storeConformance(store, create)
