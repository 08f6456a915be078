import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml'

export interface Place {
  readonly line: number
  readonly column: number
}

/** Something wrong with a file, and where it stands. */
export interface Fault extends Place {
  /** Of the setting, such as `connections.desk.vendor`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
}

export type Path = readonly (string | number)[]

/** YAML that could be read, with the place of each setting. */
export interface ReadText {
  readonly value: unknown
  /** Where the setting's value stands, or the nearest above it that is there. */
  readonly placeOf: (path: Path) => Place
  /** Where the name of the setting stands. */
  readonly placeOfName: (path: Path) => Place
}

/** How large a file may be, in characters, and how often aliases may repeat what they stand for. */
export const longestText = 512 * 1024
const mostAliases = 100

/** Reads YAML 1.2 (JSON is YAML) without tags of its own, or answers what keeps it from being read. Nothing of the text is repeated: it may hold secrets. */
export function readText(text: string): ReadText | { readonly faults: readonly Fault[] } {
  const start = { line: 1, column: 1, path: '' }
  if (text.length > longestText)
    return {
      faults: [{ ...start, message: `The file is longer than ${longestText / 1024} KiB. Leave out what is not desired state.` }],
    }
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: true,
    resolveKnownTags: false,
  })
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems: { readonly code: string; readonly pos: readonly [number, ...unknown[]] }[] = [
    ...document.errors,
    ...document.warnings,
  ]
  visit(document, {
    Pair: (_at, { key }) => {
      if (isScalar(key) && key.value === '__proto__') problems.push({ code: 'RESERVED_NAME', pos: [startOf(key)] })
    },
  })
  if (problems.length > 0)
    return { faults: problems.map(({ code, pos }) => ({ ...placeAt(pos[0]), path: '', message: messageOf(code) })) }
  try {
    const value: unknown = document.toJS({ maxAliasCount: mostAliases })
    return {
      value,
      placeOf: (path) => placeAt(find(document, path).value),
      placeOfName: (path) => placeAt(find(document, path).name),
    }
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause
    return {
      faults: [
        { ...start, message: 'Its aliases (*name) stand for too much, or for themselves. Write out what they stand for.' },
      ],
    }
  }
}

const messages: Readonly<Record<string, string>> = {
  BAD_ALIAS:
    'An alias (*name) stands for an anchor (&name) that is not above it. A text that begins with * needs quotation marks.',
  DUPLICATE_KEY: 'This name stands twice in the same place. Keep one.',
  MULTIPLE_DOCS: 'A second document begins here (---). Keep one in a file.',
  NON_STRING_KEY: 'A name must be plain text.',
  TAB_AS_INDENT: 'Indent with spaces, not with tabs.',
  TAG_RESOLVE_FAILED: 'Tags (!name) are not taken. A text that begins with ! needs quotation marks.',
  BAD_INDENT: 'This line is indented by too much or too little.',
  RESERVED_NAME: 'This name is reserved. Choose another.',
  RESOURCE_EXHAUSTION: 'It is nested too deeply.',
}

const messageOf = (code: string): string =>
  messages[code] ?? `This is not YAML (${code}). Check the indentation, and quotation marks around texts with signs in them.`

/** Offsets of the setting's value and of its name, or of the nearest above it. */
function find({ contents }: Document, path: Path): { readonly name: number; readonly value: number } {
  let node: unknown = contents
  let found = { name: startOf(contents), value: startOf(contents) }
  for (const step of path) {
    if (isAlias(node)) return found
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (!pair) return found
      found = { name: startOf(pair.key), value: startOf(pair.value) || startOf(pair.key) }
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      found = { name: startOf(node), value: startOf(node) }
    } else return found
  }
  return found
}

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)
