import { DirectoryError } from '../directory/errors.ts'
import { actionsOf } from '../directory/webhook.ts'
import { checkBaseUrl, checkName, checkPolicy } from '../sync/check-connection.ts'
import { policyNamed } from '../sync/configuration/effective.ts'
import { defaultPolicy } from '../sync/connection.ts'
import { changePolicy } from '../sync/policy.ts'
import { spelled, unknownName } from './faults.ts'
import { isReference, mayRefer } from './references.ts'
import { vendors, type ConfigurationFile } from './schema.ts'
import type { Fault, Path, ReadText } from './text.ts'

/** What a schema cannot say: names of vendors and facts, policies whose parts do not fit together, references where none is read. */
export function checkMeaning(file: ConfigurationFile, text: ReadText): readonly Fault[] {
  const at = (path: Path, message: string): Fault => ({ ...text.placeOf(path), path: spelled(path), message })
  const checked = (path: Path, check: () => unknown): readonly Fault[] => {
    try {
      check()
      return []
    } catch (cause) {
      if (!(cause instanceof DirectoryError)) throw cause
      const field = cause.field === undefined || cause.field === 'name' ? [] : cause.field.split('.')
      return [at([...path, ...field], cause.message)]
    }
  }
  return [
    ...wrongReferences(file, []).map((path) =>
      at(
        path,
        mayRefer(path)
          ? 'A reference stands alone: write ${env:NAME} or ${file:PATH} and nothing around it.'
          : 'References are read in credentials, baseUrl and the url of a webhook. Write the value here.',
      ),
    ),
    ...Object.keys(file.vendors ?? {}).flatMap((name) =>
      vendors.includes(name)
        ? []
        : [{ ...text.placeOfName(['vendors', name]), path: `vendors.${name}`, message: unknownName(name, vendors) }],
    ),
    ...Object.entries(file.connections ?? {}).flatMap(([name, { baseUrl }]) => [
      ...checked(['connections', name], () => checkName(name)),
      ...(baseUrl === undefined || isReference(baseUrl) ? [] : checked(['connections', name], () => checkBaseUrl(baseUrl))),
      ...checked(['connections', name], () => checkPolicy(changePolicy(defaultPolicy, policyNamed(file, name)))),
    ]),
    ...Object.entries(file.webhooks ?? {}).flatMap(([name, { url, actions }]) => [
      ...(isReference(url) || URL.canParse(url)
        ? []
        : [at(['webhooks', name, 'url'], 'It must be a URL such as https://example.com/hooks.')]),
      ...(actions === undefined || actionsOf(actions)
        ? []
        : [
            at(
              ['webhooks', name, 'actions'],
              'Name actions such as member.added, or families such as member.*; leave it out for all.',
            ),
          ]),
    ]),
  ]
}

/** Paths of texts that look like references and are none that is read. */
function wrongReferences(value: unknown, path: Path): readonly Path[] {
  if (typeof value === 'string') return value.includes('${') && !(isReference(value) && mayRefer(path)) ? [path] : []
  if (Array.isArray(value)) return value.flatMap((item, index) => wrongReferences(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => wrongReferences(member, [...path, name]))
}
