import * as access from './wire/access.ts'
import * as configuration from './wire/configuration.ts'
import * as connections from './wire/connections.ts'
import * as credentials from './wire/credentials.ts'
import * as explanations from './wire/explanations.ts'
import * as facts from './wire/facts.ts'
import * as findings from './wire/findings.ts'
import * as groups from './wire/groups.ts'
import * as keys from './wire/keys.ts'
import * as links from './wire/links.ts'
import * as members from './wire/members.ts'
import * as offboardings from './wire/offboardings.ts'
import * as organization from './wire/organization.ts'
import * as plans from './wire/plans.ts'
import * as questions from './wire/questions.ts'
import * as receipts from './wire/receipts.ts'
import * as trying from './wire/try.ts'
import * as webhooks from './wire/webhooks.ts'

/** Every operation of `/api/v1` by its name, in the order of the reference. Rollcall's own API: its source is this folder. */
export const operations = {
  readOrganization: organization.readOrganization,
  changeOrganization: organization.changeOrganization,
  listWorkspaces: organization.listWorkspaces,
  createWorkspace: organization.createWorkspace,
  listRoles: organization.listRoles,
  createRole: organization.createRole,
  listMembers: members.listMembers,
  createMember: members.createMember,
  readMember: members.readMember,
  changeMember: members.changeMember,
  suspendMember: members.suspendMember,
  resumeMember: members.resumeMember,
  deleteMember: members.deleteMember,
  listMemberGroups: groups.listMemberGroups,
  listSessions: members.listSessions,
  startSession: members.startSession,
  endSessions: members.endSessions,
  acceptInvitation: members.acceptInvitation,
  listGroups: groups.listGroups,
  createGroup: groups.createGroup,
  readGroup: groups.readGroup,
  changeGroup: groups.changeGroup,
  deleteGroup: groups.deleteGroup,
  listGroupMembers: groups.listGroupMembers,
  addGroupMembers: groups.addGroupMembers,
  removeGroupMember: groups.removeGroupMember,
  listCredentials: credentials.listCredentials,
  createCredential: credentials.createCredential,
  revokeCredential: credentials.revokeCredential,
  listConnections: connections.listConnections,
  createConnection: connections.createConnection,
  readConnection: connections.readConnection,
  changeConnection: connections.changeConnection,
  deleteConnection: connections.deleteConnection,
  checkConnection: connections.checkConnection,
  importAccounts: connections.importAccounts,
  readConfiguration: configuration.readConfiguration,
  applyConfiguration: configuration.applyConfiguration,
  compareConfiguration: configuration.compareConfiguration,
  listKeys: keys.listKeys,
  startRotation: keys.startRotation,
  listRotations: keys.listRotations,
  readRotation: keys.readRotation,
  confirmRotation: keys.confirmRotation,
  abortRotation: keys.abortRotation,
  listLinks: links.listLinks,
  linkAccount: links.linkAccount,
  explainLink: links.explainLink,
  unlinkAccount: links.unlinkAccount,
  mergeAccounts: links.mergeAccounts,
  listMarkings: links.listMarkings,
  unmarkAccount: links.unmarkAccount,
  listQuestions: questions.listQuestions,
  readQuestion: questions.readQuestion,
  answerQuestion: questions.answerQuestion,
  createPlan: plans.createPlan,
  listPlans: plans.listPlans,
  readPlan: plans.readPlan,
  approvePlan: plans.approvePlan,
  applyPlan: plans.applyPlan,
  offboard: offboardings.offboard,
  listOffboardings: offboardings.listOffboardings,
  readOffboarding: offboardings.readOffboarding,
  readLeaverReceipt: offboardings.readLeaverReceipt,
  readLeaverReceiptPage: offboardings.readLeaverReceiptPage,
  listAccess: access.listAccess,
  sealAccess: access.sealAccess,
  tryPerson: trying.tryPerson,
  provisionPerson: trying.provisionPerson,
  listFindings: findings.listFindings,
  countFindings: findings.countFindings,
  readFinding: findings.readFinding,
  adoptFinding: findings.adoptFinding,
  revertFinding: findings.revertFinding,
  ignoreFinding: findings.ignoreFinding,
  listReceipts: receipts.listReceipts,
  readReceipt: receipts.readReceipt,
  readReceiptKey: receipts.readReceiptKey,
  listFacts: facts.listFacts,
  readFactHead: facts.readFactHead,
  verifyFacts: facts.verifyFacts,
  listExplanations: explanations.listExplanations,
  listWebhooks: webhooks.listWebhooks,
  createWebhook: webhooks.createWebhook,
  readWebhook: webhooks.readWebhook,
  changeWebhook: webhooks.changeWebhook,
  deleteWebhook: webhooks.deleteWebhook,
  rotateWebhookSecret: webhooks.rotateWebhookSecret,
  testWebhook: webhooks.testWebhook,
  listDeliveries: webhooks.listDeliveries,
  readDelivery: webhooks.readDelivery,
  replayDeliveries: webhooks.replayDeliveries,
} as const
