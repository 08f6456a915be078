import { z } from 'zod'
import type { ServedHome } from './home.ts'

/** How many people a page holds: as many as every dialect allows. */
export const pageSize = 100

/** A list of people as a dialect serves it. */
export interface PeopleList {
  readonly name: string
  /** `cursor`: a page begins behind what the one before says. `position`: a page begins at a number, which the vendor's contract lets a caller choose. */
  readonly paging: 'cursor' | 'position'
  readonly authorization: string
  /** Paths with queries of the first page, one in the middle and the last. */
  readonly paths: () => Promise<Readonly<Record<Place, string>>>
}

export const places = ['first', 'middle', 'last'] as const
export type Place = (typeof places)[number]

/** Every list of people that is served in pages. */
export function peopleLists({ access, people, url }: ServedHome): readonly PeopleList[] {
  const at = (dialect: string, member: string): string => {
    const value = access[dialect]?.[member]
    if (value === undefined) throw new TypeError(`the access to ${dialect} has no ${member}`)
    return value
  }
  const pathAt = (dialect: string, below: string, member = 'baseUrl') => new URL(at(dialect, member)).pathname + below
  const basic = (dialect: string, name: string, secret: string) =>
    `Basic ${Buffer.from(`${at(dialect, name)}:${at(dialect, secret)}`).toString('base64')}`
  const twilio = basic('twilio', 'accountSid', 'authToken')
  const twilioUsers = pathAt('twilio', `/v1/Organizations/${at('twilio', 'organizationSid')}/Users?PageSize=${pageSize}`)
  const twilioRoles = pathAt('twilio', `/Organizations/${at('twilio', 'organizationSid')}/RoleAssignments?PageSize=${pageSize}`)

  /** The middle and the last page are found by walking there. */
  const byCursor =
    (
      list: { readonly path: string; readonly items: string; readonly cursor: string; readonly parameter?: string },
      authorization: string,
    ) =>
    async (): Promise<Readonly<Record<Place, string>>> => {
      const walked: string[] = []
      for (let path: string | undefined = list.path; path !== undefined;) {
        walked.push(path)
        const page = await ask(url + path, authorization)
        if (listIn(page, list.items).length !== pageSize) throw new Error(`${path} did not answer ${pageSize} people`)
        const next = memberOf(page, list.cursor)
        if (typeof next !== 'string' || next === '') path = undefined
        else if (list.parameter === undefined) path = new URL(next).pathname + new URL(next).search
        else path = `${list.path}&${list.parameter}=${encodeURIComponent(next)}`
      }
      if (walked.length !== people / pageSize) throw new Error(`${list.path} has ${walked.length} pages`)
      return { first: walked[0]!, middle: walked[Math.floor(walked.length / 2)]!, last: walked.at(-1)! }
    }
  const byPosition =
    (list: { readonly pathFrom: (position: number) => string; readonly items: string }, authorization: string) =>
    async (): Promise<Readonly<Record<Place, string>>> => {
      const middle = Math.floor(people / pageSize / 2) * pageSize
      const paths = { first: list.pathFrom(0), middle: list.pathFrom(middle), last: list.pathFrom(people - pageSize) }
      for (const path of Object.values(paths))
        if (listIn(await ask(url + path, authorization), list.items).length !== pageSize)
          throw new Error(`${path} did not answer ${pageSize} people`)
      return paths
    }
  const scim = (name: string, { base, token }: { readonly base: string; readonly token: string }): PeopleList => ({
    name,
    paging: 'position',
    authorization: `Bearer ${token}`,
    paths: byPosition(
      { pathFrom: (position) => `${base}/Users?count=${pageSize}&startIndex=${position + 1}`, items: 'Resources' },
      `Bearer ${token}`,
    ),
  })

  return [
    cursorList('native', `Bearer ${at('native', 'key')}`, {
      path: pathAt('native', `/members?limit=${pageSize}`),
      items: 'items',
      cursor: 'nextCursor',
      parameter: 'cursor',
    }),
    cursorList('bird', `AccessKey ${at('bird', 'accessKey')}`, {
      path: pathAt('bird', `/organizations/${at('bird', 'organizationId')}/users?limit=${pageSize}`),
      items: 'results',
      cursor: 'nextPageToken',
      parameter: 'pageToken',
    }),
    cursorList('twilio', twilio, { path: twilioUsers, items: 'users', cursor: 'meta.next_page_url' }),
    cursorList('twilio roles', `Bearer ${at('twilio', 'orgKeySecret')}`, {
      path: twilioRoles,
      items: 'content',
      cursor: 'meta.next_page_url',
    }),
    cursorList('sinch', basic('sinch', 'keyId', 'keySecret'), {
      path: pathAt('sinch', `/projects/${at('sinch', 'projectId')}/members?page_size=${pageSize}`),
      items: 'members',
      cursor: 'next_page_token',
      parameter: 'page_token',
    }),
    scim('scim', { base: pathAt('scim', ''), token: at('scim', 'token') }),
    {
      name: 'messagebird',
      paging: 'position',
      authorization: `AccessKey ${at('messagebird', 'accessKey')}`,
      paths: byPosition(
        { pathFrom: (position) => pathAt('messagebird', `/users?limit=${pageSize}&offset=${position}`), items: 'items' },
        `AccessKey ${at('messagebird', 'accessKey')}`,
      ),
    },
    scim('messagebird SCIM', { base: pathAt('messagebird', '', 'scimBaseUrl'), token: at('messagebird', 'scimToken') }),
    {
      name: 'twilio by number',
      paging: 'position',
      authorization: twilio,
      paths: byPosition({ pathFrom: (position) => `${twilioUsers}&Page=${position / pageSize}`, items: 'users' }, twilio),
    },
    scim('twilio SCIM', { base: pathAt('twilio', '', 'scimBaseUrl'), token: at('twilio', 'orgKeySecret') }),
    scim('sinch SCIM', { base: pathAt('sinch', '', 'scimBaseUrl'), token: at('sinch', 'scimToken') }),
  ]

  function cursorList(name: string, authorization: string, list: Parameters<typeof byCursor>[0]): PeopleList {
    return { name, paging: 'cursor', authorization, paths: byCursor(list, authorization) }
  }
}

const Page = z.record(z.string(), z.unknown())

async function ask(url: string, authorization: string): Promise<unknown> {
  const response = await fetch(url, { headers: { authorization, accept: 'application/json' } })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
  return response.json()
}

/** By a path such as `meta.next_page_url`. */
function memberOf(page: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => Page.safeParse(value).data?.[name], page)
}

const listIn = (page: unknown, path: string): readonly unknown[] => z.array(z.unknown()).parse(memberOf(page, path))
