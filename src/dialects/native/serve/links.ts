import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Engine } from '../../../sync/engine.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/links.ts'
import * as questions from '../wire/questions.ts'
import { toHistory, toLink, toMarking, toQuestion } from './link-view.ts'
import { pageOf } from './page.ts'
import { idIn, withoutKey } from './request.ts'
import { toPlan } from './sync-view.ts'

export function serveLinks(mount: Mount<Call>, { directory }: Pick<ServeServices, 'directory'>, engine: Engine): void {
  mount(wire.listLinks, async (call, { params, query }) => {
    const connectionId = idIn(params, 'connectionId')
    const value = await pageOf(
      query,
      { list: 'links', organizationId: call.organizationId, filter: { connectionId } },
      {
        load: (after, limit) => engine.listLinks(call, { connectionId, after, limit }),
        positionOf: (link) => link.membershipId,
        translate: toLink,
      },
    )
    return { value }
  })
  mount(wire.linkAccount, async (call, { params, body }) => {
    const connectionId = idIn(params, 'connectionId')
    await engine.linkAccount(await withoutKey(directory, call), {
      connectionId,
      membershipId: body.memberId,
      accountId: body.accountId,
    })
    return { value: undefined }
  })
  mount(wire.explainLink, async (call, { params }) => {
    const { link, question, history } = await engine.explainLink(call, {
      connectionId: idIn(params, 'connectionId'),
      membershipId: idIn(params, 'memberId'),
    })
    return { value: { link: toLink(link), question: question && toQuestion(question), history: history.map(toHistory) } }
  })
  mount(wire.unlinkAccount, async (call, { params, body }) => {
    const input = { connectionId: idIn(params, 'connectionId'), membershipId: idIn(params, 'memberId'), reason: body.reason }
    const question = await engine.unlinkAccount(await withoutKey(directory, call), input)
    return { value: { question: question && toQuestion(question) } }
  })
  mount(wire.mergeAccounts, async (call, { params, body }) => {
    const connectionId = idIn(params, 'connectionId')
    const view = await engine.mergeAccounts(await withoutKey(directory, call), { connectionId, ...body })
    return { value: toPlan(view, await engine.listConnections(call)) }
  })
  mount(wire.listMarkings, async (call, { params, query }) => {
    const connectionId = idIn(params, 'connectionId')
    const value = await pageOf(
      query,
      { list: 'markings', organizationId: call.organizationId, filter: { connectionId } },
      {
        load: (after, limit) => engine.listMarkings(call, { connectionId, after, limit }),
        positionOf: (marking) => marking.accountId,
        translate: toMarking,
      },
    )
    return { value }
  })
  mount(wire.unmarkAccount, async (call, { params }) => {
    const connectionId = idIn(params, 'connectionId')
    await engine.unmarkAccount(await withoutKey(directory, call), { connectionId, accountId: params['accountId'] ?? '' })
    return { value: undefined }
  })

  mount(questions.listQuestions, async (call, { query }) => {
    const { connectionId, memberId, state = 'open' } = query
    const value = await pageOf(
      query,
      { list: 'questions', organizationId: call.organizationId, filter: { connectionId, memberId, state } },
      {
        load: (before, limit) =>
          engine.listQuestions(call, {
            connectionId,
            membershipId: memberId,
            state: state === 'all' ? undefined : state,
            before,
            limit,
          }),
        positionOf: (question) => question.id,
        translate: toQuestion,
      },
    )
    return { value }
  })
  mount(questions.readQuestion, async (call, { params }) => ({
    value: toQuestion(await engine.getQuestion(call, { id: idIn(params, 'questionId') })),
  }))
  mount(questions.answerQuestion, async (call, { params, body }) => {
    const { version, reason } = body
    const input = { id: idIn(params, 'questionId'), version, reason, answer: choiceOf(body) }
    return { value: toQuestion(await engine.answerQuestion(await withoutKey(directory, call), input)) }
  })
}

function choiceOf({
  answer,
  accountId,
}: Value<typeof questions.answerQuestion.request>): Parameters<Engine['answerQuestion']>[1]['answer'] {
  if (answer !== 'link') {
    if (accountId !== undefined)
      throw new DirectoryError('invalid', 'Only the answer link names an account.', { field: 'accountId' })
    return { kind: answer }
  }
  if (accountId === undefined) throw new DirectoryError('invalid', 'Say which of the candidates it is.', { field: 'accountId' })
  return { kind: 'link', accountId }
}
