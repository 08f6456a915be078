import { z } from 'zod'

/** RFC 9457. `type` names the refusal, and leads to its explanation on the reference page. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  requestId: z.string(),
  /** The member of the request that is at fault. */
  field: z.string().optional(),
})
