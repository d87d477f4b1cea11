// Three hundred requests on one connection kept everybody from every other repository's pages for half a minute.
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { commitTo } from '../../hostile.ts';
import { startServer } from '../server.ts';

describe('A client that asks for one repository three hundred times at once', () => {
  it('waits for itself: others are served theirs meanwhile', async () => {
    await using server = await startServer();
    await server.person('eve');
    for (const name of ['busy', 'calm']) {
      const repository = await server.repository('eve', name, 'public');
      await commitTo(repository.path, { files: { 'a.txt': name } });
    }
    const greedy = connect(server.port, '127.0.0.1');
    let answered = 0;
    greedy.on('data', (piece) => {
      answered += piece.toString('latin1').split('HTTP/1.1 200').length - 1;
    });
    greedy.write('GET /eve/busy/tree/main HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(300));
    expect((await server.fetch('/eve/calm/tree/main')).status).toBe(200);
    expect(answered).toBeLessThan(200);
    greedy.destroy();
  });
});
