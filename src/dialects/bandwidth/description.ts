import { lastNoun } from '../../wire/describe.ts'
import type { DialectDescription } from '../dialect.ts'
import { errorReply } from './wire.ts'

export const describeBandwidth = (): DialectDescription => ({
  title: 'Bandwidth users',
  version: '1',
  summary: "Bandwidth's Dashboard users and roles, as Rollcall serves them",
  description:
    'User name and password of a Dashboard user as Basic. Bodies are XML unless JSON is named by Accept and Content-Type. ' +
    'PUT replaces: what is left out is reset. Lists are whole.',
  securitySchemes: { dashboardUser: { type: 'http', scheme: 'basic' } },
  problems: { Error: errorReply },
  tagOf: lastNoun,
})
