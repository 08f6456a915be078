import { z } from 'zod'
import { McpServer } from '@modelcontextprotocol/server'
import { DirectoryError, RemoteError, type Send } from '../dialects/native/connect.ts'
import { readVersion } from '../dialects/native/version.ts'
import { operations } from '../dialects/native/wire.ts'

type OperationName = keyof typeof operations
type AnyOperation = (typeof operations)[OperationName]

/** What changes nothing at a vendor although it is no GET: it reads a vendor, or writes down what should be done for a person to decide. */
const proposing: ReadonlySet<OperationName> = new Set<OperationName>(['checkConnection', 'importAccounts', 'createPlan'])

/** The operations that a model is given: whatever reads, and what proposes. None approves, applies, or changes the directory, a connection or a credential. */
export const offered: readonly AnyOperation[] = Object.entries(operations).flatMap(([name, operation]) =>
  operation.method === 'GET' || isProposing(name) ? [operation] : [],
)

/** An MCP server over one hub, for whoever holds the key that `send` carries. */
export function createMcpServer(send: Send): McpServer {
  const server = new McpServer(
    { name: 'rollcall', title: 'Rollcall', version: readVersion() },
    {
      instructions:
        'Who has access at the connected vendors. Everything here reads or proposes: a plan that createPlan makes is carried out only after a person approved its digest with `rollcall approve`. Lists are paged: send nextCursor back as cursor. Numbers in arguments are strings of digits.',
    },
  )
  for (const operation of offered)
    server.registerTool(
      toolName(operation.name),
      {
        description: `${operation.summary}.`,
        inputSchema: argumentsOf(operation),
        annotations: {
          readOnlyHint: operation.method === 'GET',
          destructiveHint: false,
          openWorldHint: operation.method !== 'GET',
        },
      },
      async (input) => answer(send, operation, input),
    )
  return server
}

/** `listMemberGroups` is the tool `list_member_groups`. */
export const toolName = (operation: string): string => operation.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function isProposing(name: string): boolean {
  return [...proposing].some((known) => known === name)
}

/** One flat object: what the path names, and what the query takes. */
function argumentsOf({ path, query }: AnyOperation) {
  const named = Object.fromEntries(paramsOf(path).map((name) => [name, z.string().min(1).max(200)]))
  return z.strictObject({ ...named, ...(query ? query.shape : {}) })
}

const paramsOf = (path: string): readonly string[] => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)

async function answer(send: Send, operation: AnyOperation, input: Readonly<Record<string, unknown>>) {
  const params = new Set(paramsOf(operation.path))
  const entries = Object.entries(input)
  try {
    const value = await send(operation, {
      ...Object.fromEntries(entries.filter(([name]) => params.has(name))),
      query: Object.fromEntries(entries.filter(([name]) => !params.has(name))),
      ...(operation.request && { body: {} }),
    })
    return { content: [{ type: 'text' as const, text: JSON.stringify(value, undefined, 2) ?? 'null' }] }
  } catch (error) {
    if (!(error instanceof DirectoryError) && !(error instanceof RemoteError)) throw error
    return { content: [{ type: 'text' as const, text: error.message }], isError: true }
  }
}
