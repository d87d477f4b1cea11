import { describe, expect, it } from 'vitest';
import { protocolVersion } from './protocol.ts';

describe('the Git-Protocol header', () => {
  it.each([
    [undefined, 0],
    ['version=0', 0],
    ['version=1', 1],
    ['version=2', 2],
    ['version=1:version=2', 2],
    ['version=2:version=1', 2],
    ['version=3', 0],
    ['version=22', 0],
    ['side-band-all:version=2:key=value.x_y-z', 2],
  ])('%s means version %i', (header, version) => {
    expect(protocolVersion(header)).toBe(version);
  });

  it.each([
    '',
    ':',
    'version=2:',
    'version=2 ',
    'version=2\n',
    'version=2, version=1',
    'version=2;rm -rf /',
    'version==2',
    '=2',
    'version=2\0',
    `version=2:${'x'.repeat(300)}`,
  ])('%j is malformed', (header) => {
    expect(protocolVersion(header)).toBeNull();
  });
});
