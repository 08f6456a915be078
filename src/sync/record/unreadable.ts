/** Whether a stored row could not be read back: it holds no JSON, no time or no text where it should. */
export const isUnreadable = (error: unknown): boolean =>
  error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError
