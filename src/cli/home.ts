import { recordedServer } from '../config.ts'

/** The composition root and what belongs to it, loaded only by the commands that need it: the others start without a database or a server. */
export const loadApp = () => import('../app.ts')

/** The URL under which the home is being served, or was last. */
export const servedAt = (home: string): string | undefined => recordedServer(home)

export const defaultUrl = 'http://127.0.0.1:8080'
