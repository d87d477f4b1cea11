// Notices that outlive a redirect are signed with the browser's own secret, which a stranger chooses: signed nonsense
// made every page fail.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startServer } from '../server.ts';

describe('A cookie that somebody made up and signed', () => {
  it('shows nothing and breaks nothing, whatever it holds', async () => {
    await using server = await startServer();
    for (const text of ['x', '', 'null', '[1]', '["error"]', '["none","text"]', '["error",{"type":"p"}]']) {
      const visitor = 'A'.repeat(43);
      const packed = Buffer.from(text).toString('base64url');
      const signature = createHmac('sha256', visitor).update(`flash:${packed}`).digest('base64url');
      const cookie = `latchkey_visitor=${visitor}; latchkey_flash=${packed}.${signature}`;
      const answer = await server.fetch('/login', { headers: { cookie } });
      expect([text, answer.status]).toEqual([text, 200]);
      expect(await answer.text()).not.toContain('class="flash');
    }
  });
});
