import { attribute, complex, plural, type Schema } from './attribute.ts'

/** RFC 7643 §4.1 and §8.7.1. */
export const userSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'A person in the organization.',
  attributes: [
    attribute('userName', 'The name that identifies the person to the identity provider, unique in the organization.', {
      required: true,
      uniqueness: 'server',
    }),
    complex('name', "The parts of the person's name.", [
      attribute('formatted', 'The full name, ready to show.'),
      attribute('familyName', 'The family name.'),
      attribute('givenName', 'The given name.'),
      attribute('middleName', 'The middle names.'),
      attribute('honorificPrefix', 'What precedes the name, such as "Dr.".'),
      attribute('honorificSuffix', 'What follows the name, such as "III".'),
    ]),
    attribute('displayName', 'The name to show.'),
    attribute('nickName', 'How the person is casually called.'),
    attribute('profileUrl', 'A page about the person.', { type: 'reference', referenceTypes: ['external'] }),
    attribute('title', 'The person\'s title, such as "Vice President".'),
    attribute('userType', 'The relation to the organization, such as "Employee".'),
    attribute('preferredLanguage', 'The preferred language, as in an Accept-Language header.'),
    attribute('locale', 'The locale for dates and numbers, such as "en-US".'),
    attribute('timezone', 'The time zone, such as "Europe/Berlin".'),
    attribute('active', 'Whether the person may sign in. False suspends the person and ends the sessions.', { type: 'boolean' }),
    attribute('password', 'Accepted and thrown away: nobody signs in here with a password.', {
      mutability: 'writeOnly',
      returned: 'never',
    }),
    plural('emails', 'E-mail addresses.', { value: attribute('value', 'An e-mail address.'), types: ['work', 'home', 'other'] }),
    plural('phoneNumbers', 'Telephone numbers.', {
      value: attribute('value', 'A telephone number.'),
      types: ['work', 'home', 'mobile', 'fax', 'pager', 'other'],
    }),
    plural('ims', 'Instant messaging addresses.', {
      value: attribute('value', 'An address.'),
      types: ['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo'],
    }),
    plural('photos', 'Pictures of the person.', {
      value: attribute('value', 'The URI of a picture.', { type: 'reference', referenceTypes: ['external'] }),
      types: ['photo', 'thumbnail'],
    }),
    complex(
      'addresses',
      'Postal addresses.',
      [
        attribute('formatted', 'The whole address, ready to show.'),
        attribute('streetAddress', 'Street, house number, flat.'),
        attribute('locality', 'The city.'),
        attribute('region', 'The state or region.'),
        attribute('postalCode', 'The postal code.'),
        attribute('country', 'The country in ISO 3166-1 alpha-2, such as "US".'),
        attribute('type', 'What the address is for.', { canonicalValues: ['work', 'home', 'other'] }),
        attribute('primary', 'Whether this is the preferred address; at most one is.', { type: 'boolean' }),
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'The groups that the person is in, and those that they are in through them. Changed through the groups alone.',
      [
        attribute('value', 'The id of the group.', { caseExact: true, mutability: 'readOnly' }),
        attribute('$ref', 'The URI of the group.', { type: 'reference', referenceTypes: ['Group'], mutability: 'readOnly' }),
        attribute('display', 'The name of the group.', { mutability: 'readOnly' }),
        attribute('type', 'Whether the person is in the group itself, or through a group in it.', {
          canonicalValues: ['direct', 'indirect'],
          mutability: 'readOnly',
        }),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    plural('entitlements', 'What the person has a right to.', { value: attribute('value', 'An entitlement.') }),
    plural('roles', 'Roles. A value that names a role of the organization, by name or id, grants it.', {
      value: attribute('value', 'A role.'),
    }),
    plural('x509Certificates', 'Certificates of the person.', {
      value: attribute('value', 'One certificate, DER in base64.', { type: 'binary' }),
    }),
  ],
}
