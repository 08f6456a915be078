import { bandwidth } from './bandwidth/dialect.ts'
import type { Dialect } from './dialect.ts'
import { native } from './native/serve.ts'
import { scim } from './scim/dialect.ts'

/** Every API that is served. */
export const dialects: readonly Dialect[] = [native, scim, bandwidth]
