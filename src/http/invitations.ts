import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseSecret } from '../directory/credential.ts'
import type { Directory } from '../directory/directory.ts'
import { DirectoryError } from '../directory/errors.ts'
import {
  acceptedPage,
  endedPage,
  invitationPage,
  style,
  unavailablePage,
  unknownPage,
  type EndedState,
} from './invitation-page.ts'

export interface InvitationParts {
  readonly directory: Pick<Directory, 'openInvitation' | 'acceptInvitation'>
  readonly clock: () => Date
  readonly failed: (error: unknown, requestId: string) => void
}

/** What a browser may do with the pages: show them, and send their one form back to where they came from. */
const headers = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow',
}

/**
 * Serves `/invitations/{token}`: GET shows who invites whom to what and changes nothing, since mail scanners follow links; POST accepts. The token is the
 * whole right. Whoever holds none that is open learns nothing but that.
 */
export function addInvitations(app: FastifyInstance, { directory, clock, failed }: InvitationParts): void {
  void app.register(async (scope) => {
    // Nothing of a body is ever read.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 1_024 }, (_request, _body, done) => done(null, undefined))
    const send = (reply: FastifyReply, status: number, page: string) =>
      reply.code(status).headers(headers).type('text/html; charset=utf-8').send(page)
    const ended = (reply: FastifyReply, state: EndedState | 'unknown') =>
      state === 'unknown' ? send(reply, 404, unknownPage) : send(reply, 410, endedPage(state))

    scope.setErrorHandler((error, request, reply) => {
      const isOurs = !(error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500)
      if (!isOurs) return send(reply, 400, unknownPage)
      if (!(error instanceof DirectoryError && error.refusal === 'unavailable')) failed(error, request.id)
      return send(reply, 503, unavailablePage)
    })

    scope.get<{ Params: { token: string } }>('/invitations/:token', async (request, reply) => {
      const token = tokenOf(request)
      const invitation =
        token === undefined ? { state: 'unknown' as const } : await directory.openInvitation({ token, now: clock() })
      return invitation.state === 'pending' ? send(reply, 200, invitationPage(invitation)) : ended(reply, invitation.state)
    })

    scope.post<{ Params: { token: string } }>('/invitations/:token', async (request, reply) => {
      const token = tokenOf(request)
      const now = clock()
      const invitation = token === undefined ? { state: 'unknown' as const } : await directory.openInvitation({ token, now })
      if (token === undefined || invitation.state !== 'pending')
        return ended(reply, invitation.state === 'pending' ? 'unknown' : invitation.state)
      const { organizationId, id } = invitation.invitation
      try {
        const member = await directory.acceptInvitation(
          {
            organizationId,
            actor: `invitation:${id}`,
            scopes: new Set(['write'] as const),
            now,
            requestId: request.id,
            via: 'invitations.accept',
          },
          { token },
        )
        return await send(reply, 200, acceptedPage(invitation.organizationName, member.status))
      } catch (error) {
        // Somebody was quicker: say what it has become.
        if (!(error instanceof DirectoryError) || error.refusal === 'unavailable') throw error
        const { state } = await directory.openInvitation({ token, now })
        return ended(reply, state === 'pending' ? 'cancelled' : state)
      }
    })
  })
}

/** A token that this product may have issued; anything else is not looked up. */
function tokenOf(request: FastifyRequest<{ Params: { token: string } }>): string | undefined {
  const { token } = request.params
  return parseSecret(token)?.kind === 'invitation' ? token : undefined
}
