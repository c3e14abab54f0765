/**
 * Lets one command begin in each turn of the loop. Until a child runs its program this process stands still, for milliseconds: fifty that are wanted at once
 * would keep beats and their answers waiting for all of them. One that comes alone waits for nothing.
 */
export function oneATurn(): () => Promise<void> {
  const waiting: (() => void)[] = []
  let taken = false
  const pass = (): void => {
    const next = waiting.shift()
    taken = next !== undefined
    if (next === undefined) return
    setImmediate(pass)
    next()
  }
  return async () => {
    if (taken) return new Promise((resolve) => void waiting.push(resolve))
    taken = true
    setImmediate(pass)
  }
}
