/** Minutes that the reader's clock is ahead of universal time at that moment. */
export const offsetMinutes = (wallMs: number): number => -new Date(wallMs).getTimezoneOffset()

/** `2026-03-01 20:35:50`, as the reader's clock shows it. */
export function localTime(wallMs: number): string {
  return new Date(wallMs + offsetMinutes(wallMs) * 60_000).toISOString().slice(0, 19).replace('T', ' ')
}
