/**
 * Is the address free? One broadcast probe as in RFC 5227, section 2.1.1, from a sender address of zero: no cache learns from it. arping ends
 * with 1 at the first answer; without one the caller's time limit ends it.
 */
export function probeCommand(dev: string, ip: string): readonly string[] {
  return ['arping', '-D', '-c', '1', '-w', '1', '-I', dev, ip]
}

/** arping in duplicate detection mode: somebody answered. Without an answer it ends with 0, with trouble of its own with 2. */
export const ANSWERED = 1

/** Hardware address of who answered; null where the output names none. It serves the message alone: the exit code decides. */
export function answeredBy(output: string): string | null {
  return /\[([0-9a-f]{2}(?::[0-9a-f]{2}){5})\]/i.exec(output)?.[1]?.toLowerCase() ?? null
}

/** Tells the neighbours where the address is now, once and at once. It ends with an error where this node or namespace does not have the address. */
export function announceCommand(dev: string, ip: string): readonly string[] {
  return ['arping', '-U', '-c', '1', '-w', '1', '-I', dev, ip]
}
