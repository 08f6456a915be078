/** What a reference server asks of its database: one statement for each request. */
export interface ReferenceStore {
  /** The documents of people: as JSON text, as they are sent. */
  byId(id: string): Promise<string | undefined> | string | undefined
  byUserName(userName: string): Promise<readonly string[]> | readonly string[]
  /** A page that begins at an id: as cheap as a page can be. */
  pageFrom(id: string): Promise<readonly string[]> | readonly string[]
  insert(person: StoredPerson): Promise<unknown> | void
  /** Sets attributes at the top of the document, and when it was changed; answers what it has become. */
  set(id: string, changes: Readonly<Record<string, unknown>>, at: string): Promise<string | undefined> | string | undefined
  addMember(groupId: string, userId: string): Promise<unknown> | void
  removeMember(groupId: string, userId: string): Promise<unknown> | void
}

export interface StoredPerson {
  readonly id: string
  readonly userName: string
  readonly document: string
}

export const pageSize = 100
