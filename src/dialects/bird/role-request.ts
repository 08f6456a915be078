import { z } from 'zod'
import { DirectoryError } from '../../directory/errors.ts'
import type { JsonObject } from '../../directory/json.ts'
import type { Role } from '../../directory/role.ts'
import { slugsOf, typeOf, type RoleParts } from './roles.ts'
import type { RoleToHold, UpdateMembership } from './wire.ts'

/** What a body asks for: the parts that it names, and nothing for those that it leaves out. */
export interface RoleRequest {
  readonly refs: readonly string[] | undefined
  readonly ids: readonly string[] | undefined
  readonly slugs: readonly string[] | undefined
  /** The legacy parts that the body does not name go (BIRD-Q12). */
  readonly dropsLegacy: boolean
  /** Attributes to lay over those that are kept. */
  readonly attributes: JsonObject
}

const maxAttributesLength = 10_000
const Kept = z.record(z.string(), z.json())

/** Resolves a body's roles; null stands for none (BIRD-Q14). Throws DirectoryError `invalid` with the member that names an unknown role. */
export function readRoleRequest(
  { roleRefs, roleIds, attributes, roleTreatment }: UpdateMembership,
  roles: readonly Role[],
): RoleRequest {
  const { roles: slugs, ...others } = attributes ?? {}
  const kept = Kept.parse(others)
  if (JSON.stringify(kept).length > maxAttributesLength)
    throw invalid('attributes', `The attributes have at most ${maxAttributesLength} characters in all. Send fewer.`)
  return {
    refs: roleRefs === undefined ? undefined : (roleRefs ?? []).flatMap((reference) => rolesOfReference(reference, roles)),
    ids: roleIds === undefined ? undefined : (roleIds ?? []).map((id) => roleById(id, roles, 'roleIds').id),
    slugs: slugs && rolesOfSlugs(slugs, roles),
    dropsLegacy: roleTreatment !== undefined && roleTreatment !== null,
    attributes: kept,
  }
}

/** The parts after a body: what it does not name stays, unless the legacy parts are to go. */
export function applyRequest(current: RoleParts, { refs, ids, slugs, dropsLegacy }: RoleRequest): RoleParts {
  return {
    refs: refs ?? (dropsLegacy ? [] : current.refs),
    ids: ids ?? (dropsLegacy ? [] : current.ids),
    slugs: slugs ?? current.slugs,
  }
}

function rolesOfSlugs(slugs: readonly string[], roles: readonly Role[]): readonly string[] {
  const idBySlug = new Map([...slugsOf(roles)].map(([id, slug]) => [slug, id]))
  return slugs.map((slug) => {
    const id = idBySlug.get(slug)
    if (id === undefined) throw invalid('attributes.roles', `The organization has no role ${slug}.`)
    return id
  })
}

/** Limited to workspaces, the role is the one of the same name in each of them. */
function rolesOfReference({ id, type, workspaces }: RoleToHold, roles: readonly Role[]): readonly string[] {
  const role = roleById(id, roles, 'roleRefs')
  if (typeOf(role) !== type) throw invalid('roleRefs', `The type of the role ${id} is ${typeOf(role)}. Send that.`)
  if (workspaces === undefined || workspaces === null) return [role.id]
  if (workspaces.length === 0) throw invalid('roleRefs', 'Name a workspace, or leave workspaces out for the whole organization.')
  return workspaces.map((workspaceId) => {
    const there = roles.find((other) => other.workspaceId === workspaceId.toLowerCase() && other.name === role.name)
    if (!there) throw invalid('roleRefs', `The workspace ${workspaceId} has no role named ${role.name}. Create it there first.`)
    return there.id
  })
}

function roleById(id: string, roles: readonly Role[], field: string): Role {
  const role = roles.find((other) => other.id === id.toLowerCase())
  if (!role) throw invalid(field, `The organization has no role ${id}.`)
  return role
}

const invalid = (field: string, message: string) => new DirectoryError('invalid', message, { field })
