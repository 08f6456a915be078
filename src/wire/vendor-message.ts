const messageNames = ['detail', 'description', 'message', 'error_description', 'errormessage', 'resultmessage', 'title', 'error']
const codeNames = ['errorcode', 'scimtype', 'code', 'resultcode']
const maxVisited = 50

/** The vendor's code and short message out of an error's body, wherever the vendor puts them; undefined when there is none. */
export function vendorMessage(raw: unknown): string | undefined {
  const waiting: unknown[] = [raw]
  for (let visited = 0; waiting.length > 0 && visited < maxVisited; visited++) {
    const value = waiting.shift()
    if (value === null || typeof value !== 'object') continue
    if (Array.isArray(value)) {
      waiting.push(...value.slice(0, 5))
      continue
    }
    const members = new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]))
    const message = firstText(members, messageNames)
    if (message !== undefined) return [firstText(members, codeNames), message].filter((part) => part !== undefined).join(' ')
    waiting.push(...[...members.values()].slice(0, 20))
  }
  return undefined
}

function firstText(members: ReadonlyMap<string, unknown>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = members.get(name)
    if (typeof value === 'string' && value.trim() !== '') return value
    if (typeof value === 'number') return String(value)
  }
  return undefined
}
