import type { Client } from '../dialects/native/connect.ts'

type Compared = NonNullable<Awaited<ReturnType<Client['explainLink']>>['link']['compared']>[number]

/** One line for what speaks for a link, or against it. */
export const comparedText = ({ attribute, member, account, agrees }: Compared): string =>
  agrees ? `+ ${attribute}: ${member ?? ''}` : `- ${attribute}: ${member ?? ''}, the account has ${account ?? ''}`
