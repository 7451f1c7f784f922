// Numbers and prefixes are compared without a leading +: callers write it or leave it out as they like.

export const bareNumber = (number: string): string => (number.startsWith('+') ? number.slice(1) : number)
