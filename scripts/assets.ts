// Builds dist/assets: one style sheet, the scripts and the icon, each under a name that holds a digest of its
// content, with a Brotli copy beside it, and manifest.json from plain names to those.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const project = new URL('..', import.meta.url);
const output = new URL('dist/assets/', project);
const manifest: Record<string, string> = {};

function read(path: string): string {
  return readFileSync(new URL(path, project), 'utf8').replace(/\n?\/[/*]# sourceMappingURL=.*/g, '');
}

/** Writes the asset. @returns the name under which it is served */
function write(name: string, text: string): string {
  const digest = createHash('sha256').update(text).digest('base64url').replace(/[-_]/g, '').slice(0, 12);
  const file = name.replace(/(\.\w+)$/, `.${digest}$1`);
  const compressed = brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(text) },
  });
  writeFileSync(new URL(file, output), text);
  writeFileSync(new URL(`${file}.br`, output), compressed);
  manifest[name] = file;
  return file;
}

/** What Primer's rules and ours use of its hundreds of variables, each theme, without the rest. */
function variables(rules: string): string {
  const primitives = 'node_modules/@primer/primitives/dist/css';
  const all = [
    'base/motion/motion',
    'base/size/size',
    'base/typography/typography',
    'functional/motion/motion',
    'functional/size/border',
    'functional/size/breakpoints',
    'functional/size/radius',
    'functional/size/size',
    'functional/size/size-coarse',
    'functional/size/size-fine',
    'functional/size/z-index',
    'functional/spacing/space',
    'functional/themes/light',
    'functional/themes/dark',
    'functional/typography/typography',
  ]
    .map((file) => read(`${primitives}/${file}.css`))
    .join('\n')
    .replace(/\/\*.*?\*\//gs, '');
  const needed = new Set<string>();
  const need = (text: string): void => {
    for (const [, name = ''] of text.matchAll(/var\((--[\w-]+)/g)) {
      if (needed.has(name)) continue;
      needed.add(name);
      for (const [, value = ''] of all.matchAll(new RegExp(`^\\s*${name}:(.*);`, 'gm'))) need(value);
    }
  };
  need(rules);
  return all
    .split('\n')
    .filter((line) => {
      const name = /^\s*(--[\w-]+):/.exec(line)?.[1];
      return line.trim() !== '' && (name === undefined || needed.has(name));
    })
    .map((line) => line.trim())
    .join('\n');
}

/** Builds all assets; a tenth of a second. */
export function buildAssets(): void {
  mkdirSync(output, { recursive: true });
  const rules = [
    read('node_modules/@primer/css/dist/core.css'),
    read('node_modules/@primer/css/dist/product.css'),
    ...readdirSync(new URL('src/web/client/', project))
      .filter((file) => file.endsWith('.css'))
      .sort()
      .map((file) => read(`src/web/client/${file}`)),
  ].join('\n');
  write('latchkey.css', `${variables(rules)}\n${rules}`);

  let script = read('src/web/client/latchkey.js');
  for (const element of ['clipboard-copy-element', 'relative-time-element']) {
    const file = write(`${element}.js`, read(`node_modules/@github/${element}/dist/bundle.js`));
    script = script.replace(`@github/${element}`, `./${file}`);
  }
  write('latchkey.js', script);
  write('passkeys.js', read('src/web/client/passkeys.js'));
  write('favicon.svg', read('src/web/client/favicon.svg'));
  writeFileSync(new URL('manifest.json', output), JSON.stringify(manifest, null, 2));
}
