import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { dialects } from '../src/dialects/index.ts'
import { inProcess } from './cli.ts'
import { openApplicationHub } from './application.ts'

const folder = new URL('../docs/identity-providers/', import.meta.url)
const fixtures = new URL('../src/dialects/scim/fixtures/', import.meta.url)
const origin = 'https://rollcall.example.com'
const pages = new Map(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]))
const providers = [...pages].filter(([name]) => name !== 'README.md')

/** The relative links of a page. */
const linksOf = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)]+)\)/g)].flatMap(([, to = '']) => (/^https?:/.test(to) ? [] : [to]))
/** Everything that stands in backticks or in a block of code. */
const codeOf = (text: string): readonly string[] => [
  ...[...text.matchAll(/```\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n')),
  ...[...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
]

test('each provider has a page with the same three parts, and each conversation is linked from one', () => {
  for (const [name, text] of providers)
    assert.deepEqual(
      [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading),
      ['What to click', 'What to paste', 'What is supported'],
      name,
    )
  for (const file of readdirSync(fixtures).filter((name) => name.endsWith('.json'))) {
    const linking = providers.filter(([, text]) => text.includes(`fixtures/${file})`)).map(([name]) => name)
    assert.equal(linking.length, 1, `${file} is linked from ${linking.join(', ') || 'no page'}`)
    assert.ok(pages.get('README.md')?.includes(`fixtures/${file})`), `the overview does not link ${file}`)
  }
  for (const [name] of providers) assert.ok(pages.get('README.md')?.includes(`(${name})`), `the overview does not link ${name}`)
})

test('every link of the pages leads somewhere', () => {
  for (const [name, text] of pages)
    for (const link of linksOf(text)) assert.ok(existsSync(new URL(link, folder)), `${name}: ${link}`)
})

test('the pages name the addresses that the product prints, and no route that it does not serve', async (t) => {
  const hub = await openApplicationHub(t)
  const input = { name: 'Acme', plan: 'enterprise', sso: 'none', emailDomains: [] } as const
  const { scim } = await hub.home.createOrganization(input, origin)
  const baseUrl = scim?.['baseUrl'] ?? ''
  const metadata = await fetch(`${hub.url}/.well-known/oauth-authorization-server`)
  const { token_endpoint: tokenUrl }: { token_endpoint?: string } = JSON.parse(await metadata.text())
  const routes = dialects.flatMap(({ basePath, operations, rootPaths = [] }) => [
    basePath,
    ...operations.map(({ path }) => basePath + path),
    ...rootPaths,
  ])
  const isServed = (path: string) =>
    routes.some((route) => new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`).test(path)) ||
    /^\/scim\/v2\/connections\/CONNECTION-ID$/.test(path)
  assert.equal(tokenUrl, `${hub.url}/oauth2/token`)
  for (const [name, text] of pages) {
    const code = codeOf(text)
    assert.ok(
      code.some((each) => each.startsWith(baseUrl)),
      `${name} lacks ${baseUrl}`,
    )
    assert.ok(
      code.some((each) => each.startsWith(`${baseUrl}/connections/CONNECTION-ID`)),
      `${name} lacks the address of a connection`,
    )
    for (const [url] of code
      .join('\n')
      .matchAll(/https:\/\/rollcall\.example\.com[^\s'"`]*|(?<=^)\/(?:scim|oauth2)[^\s'"`]*/gm)) {
      const path = url.replace(origin, '').replace(/\?.*$/, '')
      assert.ok(path === '' || isServed(path), `${name}: ${url} is not served`)
    }
  }
})

test('every command on the pages is one of the product, with its options', async () => {
  for (const [name, text] of pages)
    for (const line of codeOf(text).filter((code) => code.startsWith('rollcall '))) {
      const words = (line.match(/"[^"]*"|\S+/g) ?? []).slice(1)
      const firstOption = words.findIndex((word) => !/^[a-z]+$/.test(word))
      const command = words.slice(0, firstOption === -1 ? words.length : firstOption)
      const { code, stdout } = await inProcess([...command, '--help'])
      assert.equal(code, 0, `${name}: ${line}`)
      assert.match(stdout, new RegExp(`^Usage: rollcall ${command.join(' ')} `), `${name}: ${line}`)
      for (const option of words.filter((word) => word.startsWith('--')))
        assert.match(stdout, new RegExp(`${option}[ ,\\n]`), `${name}: ${line} has no ${option}`)
    }
})
