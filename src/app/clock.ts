export const clock = (): Date => new Date()
