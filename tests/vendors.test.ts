import { bandwidth } from '../src/dialects/bandwidth/dialect.ts'
import { bird } from '../src/dialects/bird/dialect.ts'
import { messagebird } from '../src/dialects/messagebird/dialect.ts'
import { scim } from '../src/dialects/scim/dialect.ts'
import { sinch } from '../src/dialects/sinch/dialect.ts'
import { twilio } from '../src/dialects/twilio/dialect.ts'
import { vendorConformance } from './conformance/vendor.ts'

vendorConformance('bandwidth', {
  dialect: bandwidth,
  list: 'listUsers',
  create: 'createUser',
  desired: { userName: 'ada.conformance' },
})
vendorConformance('bird', { dialect: bird, list: 'listOrganizationUsers', create: 'createOrganizationUser' })
vendorConformance('scim', { dialect: scim, list: 'listUsers', create: 'createUser' })
vendorConformance('twilio', { dialect: twilio, list: 'listUsers', create: 'createUser' })
vendorConformance('twilio by SCIM', {
  dialect: twilio,
  list: 'scimListUsers',
  create: 'scimCreateUser',
  credentials: (printed) => ({ ...printed, profile: 'scim' }),
})
vendorConformance('twilio today', {
  dialect: twilio,
  list: 'previewScimListUsers',
  create: 'previewScimCreateUser',
  credentials: (printed) => ({ ...printed, profile: 'current' }),
})

const messageBirdRoles = ['owner', 'admin', 'member', 'readonly']
vendorConformance('messagebird', {
  dialect: messagebird,
  list: 'listUsers',
  create: 'createUser',
  credentials: (printed) => ({ ...printed, roles: messageBirdRoles }),
})
vendorConformance('messagebird by SCIM', {
  dialect: messagebird,
  list: 'listUsers',
  create: 'scimCreateUser',
  credentials: (printed) => ({ ...printed, roles: messageBirdRoles, profile: 'scim' }),
})
vendorConformance('sinch', {
  dialect: sinch,
  list: 'listMembers',
  create: 'inviteMember',
  desired: { userName: 'ada.conformance@example.com' },
})
vendorConformance('sinch today', {
  dialect: sinch,
  list: 'listMembers',
  create: 'inviteMember',
  desired: { userName: 'ada.conformance@example.com' },
  credentials: (printed) => ({ ...printed, api: 'public' }),
})
vendorConformance('sinch by SCIM', {
  dialect: sinch,
  list: 'listMembers',
  create: 'scimCreateUser',
  desired: { userName: 'ada.conformance@example.com' },
  credentials: (printed) => ({ ...printed, profile: 'scim' }),
})
