import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planAsMarkdown } from './plan-markdown.ts'
import type { PlanBody } from './wire/plans.ts'

const plan: PlanBody = {
  id: 'p1',
  connectionId: 'c1',
  snapshotId: 's1',
  digest: 'd1',
  authors: ['idp'],
  reason: 'raised by member.suspended',
  accounts: 40,
  removals: 1,
  state: 'open',
  createdAt: new Date(0),
  connection: { name: 'desk', vendor: 'bird' },
  approvals: [],
  standing: {
    decision: 'waits',
    quorum: 2,
    approvedBy: ['boss'],
    expiresAt: new Date('2026-11-28T08:00:00Z'),
    risksToName: ['lastOwner'],
  },
  next: [
    'Next: 1 of 2 people other than idp, boss approve:',
    '  rollcall approve p1 --digest d1 --accept lastOwner --reason TEXT',
  ],
  text: '',
  steps: [
    {
      id: 't1',
      position: 0,
      kind: 'update',
      subject: 'joe',
      changes: [
        { attribute: 'email', from: 'a@x.test', to: 'b@x.test' },
        { attribute: 'roles', from: undefined, to: 'Member' },
      ],
      state: 'planned',
      reason: 'email, roles differ from the directory',
      attempts: 0,
      updatedAt: new Date(0),
    },
    {
      id: 't2',
      position: 1,
      kind: 'remove',
      subject: 'jane',
      changes: [],
      risks: [
        { kind: 'lastOwner', weight: 'grave', message: 'jane is the last active one with the role Admin at bird' },
        { kind: 'ownsKeys', weight: 'note', message: 'made keys that go on working: ci' },
      ],
      state: 'planned',
      reason: 'is suspended in the directory',
      attempts: 0,
      updatedAt: new Date(0),
    },
  ],
}

test('a plan reads as a table of its steps, with what they bring with them, who decided and what comes next', () => {
  assert.equal(
    planAsMarkdown(plan),
    `## Plan for \`desk\` (bird)

2 steps. **Removes 1 of 40 accounts** (2.5 %). Raised by member.suspended.

| Step | Who | Change | Where it stands |
| --- | --- | --- | --- |
| update | \`joe\` | email: \`a@x.test\` → \`b@x.test\`<br>roles: \`Member\` | planned: email, roles differ from the directory |
| remove | \`jane\` |  | planned: is suspended in the directory |

### Grave

- jane is the last active one with the role Admin at bird

### What it brings with it

- \`jane\`: made keys that go on working: ci

### Decision

Waits: 1 of 2 approvals by \`boss\`. To be decided before 2026-11-28T08:00:00.000Z.

### Next

Next: 1 of 2 people other than idp, boss approve:

    rollcall approve p1 --digest d1 --accept lastOwner --reason TEXT


Plan \`p1\`, open, digest \`d1\``,
  )
})

test('nothing that a vendor or the directory says is read as Markdown, ends a cell or a line, or mentions anybody', () => {
  const [first] = plan.steps
  assert.ok(first)
  const nasty = 'x`|\n<img src=x> @everyone **b** [l](http://x)'
  const text = planAsMarkdown({
    ...plan,
    reason: nasty,
    steps: [{ ...first, subject: nasty, reason: nasty, changes: [{ attribute: 'email', from: nasty, to: undefined }] }],
  })
  const escaped = '\\`\\| \\<img src=x\\> \\@everyone \\*\\*b\\*\\* \\[l\\](http://x)'
  const span = '``x`\\| <img src=x> @everyone **b** [l](http://x)``'
  assert.match(text, /^1 step\. \*\*Removes/m)
  assert.ok(text.includes(` X${escaped}.`))
  assert.ok(text.includes(`\n| update | ${span} | email: ${span} → none | planned: x${escaped} |\n`), text)
})
