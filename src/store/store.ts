import type { Sealer } from '../directory/seal.ts'
import type { Reader, Store, Writer } from '../directory/store.ts'
import { gatherCredentials, readCredentials, rememberCredentials, writeCredentials } from './credentials.ts'
import type { Database } from './database.ts'
import { readDeliveries, writeDeliveries } from './deliveries.ts'
import { readEventReceivers, writeEventReceivers } from './event-receivers.ts'
import type { Executor, WriteExecutor } from './executor.ts'
import { readExtensions, writeExtensions } from './extensions.ts'
import { readExplanations } from './explanations.ts'
import { readFacts, writeFacts } from './facts.ts'
import { readGroups, writeGroups } from './groups.ts'
import { readInvitations, writeInvitations } from './invitations.ts'
import { writeMails } from './mails.ts'
import { gatherInGroups, readMembershipsInGroups } from './memberships-in-groups.ts'
import { readMemberships } from './memberships.ts'
import { writeMemberships } from './put-memberships.ts'
import { readOrganizations, writeOrganizations } from './organizations.ts'
import { readResources, writeResources } from './resources.ts'
import { createWalks, type Walks } from './walks.ts'
import { readWebhookRows, writeWebhookRows } from './webhooks.ts'

/** The directory's port over a database. */
export function createStore(database: Database, sealer: Sealer): Store {
  const { commits } = database
  const plain = createReader(database.reader, createWalks())
  // What every request looks for: where others may change it, it is looked for anew each time, by those together who come together.
  const reader: Reader = commits
    ? { ...plain, credentialByIdentifier: rememberCredentials(plain, commits) }
    : { ...plain, credentialByIdentifier: gatherCredentials(database.reader), ...gatherInGroups(database.reader) }
  return {
    read: (work) => work(reader),
    write: async (organizationId, work) =>
      database.write(organizationId, async (executor) => work(createWriter(executor, sealer))),
  }
}

const createReader = (executor: Executor, walks?: Walks): Reader => ({
  ...readOrganizations(executor),
  ...readMemberships(executor, walks),
  ...readMembershipsInGroups(executor, walks),
  ...readGroups(executor, walks),
  ...readInvitations(executor),
  ...readCredentials(executor),
  ...readFacts(executor),
  ...readExplanations(executor),
  ...readWebhookRows(executor),
  ...readDeliveries(executor),
  ...readResources(executor, walks),
  ...readEventReceivers(executor),
  ...readExtensions(executor),
})

function createWriter(executor: WriteExecutor, sealer: Sealer): Writer {
  const { removeWebhookRow, ...webhooks } = writeWebhookRows(executor, sealer)
  const { removeDeliveries, ...deliveries } = writeDeliveries(executor)
  return {
    ...createReader(executor),
    ...writeOrganizations(executor),
    ...writeMemberships(executor),
    ...writeGroups(executor),
    ...writeInvitations(executor),
    ...writeCredentials(executor),
    ...writeFacts(executor, sealer),
    ...writeMails(executor, sealer),
    ...writeResources(executor),
    ...webhooks,
    ...deliveries,
    ...writeEventReceivers(executor),
    ...writeExtensions(executor),
    removeWebhook: async (key) => {
      await removeDeliveries(key)
      await removeWebhookRow(key)
    },
  }
}
