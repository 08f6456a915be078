import type { Call } from '../../../directory/call.ts'
import type { ExtensionAttribute } from '../../../directory/extension-attribute.ts'
import type { Extension } from '../../../directory/extension.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/extensions.ts'
import { etag, idIn, versionIn } from './request.ts'

export function serveExtensions(mount: Mount<Call>, { directory }: Pick<ServeServices, 'directory'>): void {
  mount(wire.listExtensions, async (call) => ({
    value: { items: (await directory.listExtensions(call, undefined)).map(toExtension) },
  }))
  mount(wire.createExtension, async (call, { body }) => {
    const extension = await directory.addExtension(call, body)
    return { value: toExtension(extension), headers: etag(extension) }
  })
  mount(wire.readExtension, async (call, { params }) => {
    const extension = await directory.getExtension(call, { id: idIn(params, 'extensionId') })
    return { value: toExtension(extension), headers: etag(extension) }
  })
  mount(wire.replaceExtension, async (call, { params, headers, body }) => {
    const extension = await directory.changeExtension(call, {
      id: idIn(params, 'extensionId'),
      ifVersion: versionIn(headers),
      input: body,
    })
    return { value: toExtension(extension), headers: etag(extension) }
  })
  mount(wire.deleteExtension, async (call, { params, headers, query }) => {
    await directory.removeExtension(call, {
      id: idIn(params, 'extensionId'),
      ifVersion: versionIn(headers),
      values: query.values ?? 'refuse',
    })
    return { value: undefined }
  })
}

const toExtension = ({ attributes, ...extension }: Extension): Value<typeof wire.Extension> => ({
  ...extension,
  attributes: attributes.map((attribute) => ({
    ...toAttribute(attribute),
    ...(attribute.subAttributes && { subAttributes: attribute.subAttributes.map(toAttribute) }),
  })),
})

const toAttribute = ({ canonicalValues, referenceTypes, subAttributes: _, ...rest }: ExtensionAttribute) => ({
  ...rest,
  ...(canonicalValues && { canonicalValues: [...canonicalValues] }),
  ...(referenceTypes && { referenceTypes: [...referenceTypes] }),
})
