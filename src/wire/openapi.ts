/** The part of OpenAPI 3.1 that a description uses. Schemas are JSON Schema 2020-12. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: OpenApiInfo
  readonly servers: readonly { readonly url: string }[]
  readonly security: readonly SecurityRequirement[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>
    readonly responses: Readonly<Record<string, OpenApiResponse>>
    readonly schemas: Readonly<Record<string, JsonSchema>>
  }
}

export interface OpenApiInfo {
  readonly title: string
  readonly version: string
  readonly summary?: string
  readonly description?: string
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly security?: readonly SecurityRequirement[]
  readonly parameters: readonly OpenApiParameter[]
  readonly requestBody?: { readonly required: true; readonly content: OpenApiContent }
  /** By status. A reference leads to a refusal among the components. */
  readonly responses: Readonly<Record<string, OpenApiResponse | Reference>>
}

export interface OpenApiParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: JsonSchema
  readonly description?: string
}

export interface OpenApiResponse {
  readonly description: string
  readonly content?: OpenApiContent
}

/** By media type. */
export type OpenApiContent = Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>

export interface Reference {
  readonly $ref: string
  readonly description?: string
}

/** All of the schemes named in one requirement are needed; of several requirements one is enough. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>

export type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: string; readonly bearerFormat?: string; readonly description?: string }
  | {
      readonly type: 'oauth2'
      readonly flows: {
        readonly clientCredentials: { readonly tokenUrl: string; readonly scopes: Readonly<Record<string, string>> }
      }
      readonly description?: string
    }

export type JsonSchema = Readonly<Record<string, unknown>>
