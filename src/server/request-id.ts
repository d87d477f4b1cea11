// The request id that GitHub puts on every answer as X-GitHub-Request-Id, and that our log lines carry. Git
// Credential Manager knows a GitHub host by the header's presence (ghes-spec 5.3).
import type { RandomBytes } from '../secrets/secret.ts';

/** `1F3A:09BC:24D81F0:5E7A9C3:69205A41`: random, but for the last part, which is the time in seconds. */
export function newRequestId(random: RandomBytes, now: number): string {
  const hex = Buffer.from(random(12)).toString('hex').toUpperCase();
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .toUpperCase();
  return [hex.slice(0, 4), hex.slice(4, 8), hex.slice(8, 15), hex.slice(15, 22), seconds].join(':');
}
