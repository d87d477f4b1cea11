// The import directions of ARCHITECTURE.md, checked by `npm run lint`. Read each rule as "from … never to …".
// Folders of src/, from the top: main, cli, server, features, ways in (api, web), access, scopes, base.

const { readdirSync } = require('node:fs');

const waysIn = 'api|web';
const base = 'config|db|secrets|process';
/** Every other folder is a feature: a new room is held to the rules from its first file on. */
const known = new Set([...`${waysIn}|${base}`.split('|'), 'access', 'cli', 'scopes', 'server']);
const features = readdirSync('src', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !known.has(entry.name))
  .map((entry) => entry.name)
  .join('|');
const tests = '[.]test[.]tsx?$';

/** Files of the base that belong to no folder. */
const baseFiles = '^src/(context|problems)[.]ts$';

/**
 * Rules and stores of a feature: what must not know of HTTP or HTML. In git/, which is a way in by itself, the
 * translator of refusals and the handling of one request (answers, operation) belong to its routes.
 */
const http = 'rest|pages|api-addresses';
const httpOfGit = '(?<=git/)(refusals|answers|http)';
const rules = `^src/(${features}|scopes|${base})/(?!${httpOfGit}[.])(?!.*([.]test|${http})[.])[^/]+[.]ts$`;

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one thing, or share a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main.ts is where the program starts: it imports, and nothing imports it.',
      severity: 'error',
      from: {},
      to: { path: '^src/main[.]ts$' },
    },
    {
      name: 'cli-is-above-all-but-main',
      comment: 'Commands use features; no feature knows that there is a command line.',
      severity: 'error',
      from: { pathNot: '^src/(cli/|main[.]ts$)' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'server-is-above-features',
      comment: 'The server puts the features together; they do not know it.',
      severity: 'error',
      from: { pathNot: '^(src/(cli|server)/|src/main[.]ts$|test/)' },
      to: { path: '^src/server/' },
    },
    {
      name: 'ways-in-know-no-feature',
      comment: 'api/ and web/ carry any feature, so they know none: routes come to them.',
      severity: 'error',
      from: { path: `^src/(${waysIn})/`, pathNot: `${tests}|(rest|pages)[.]tsx?$` },
      to: { path: `^src/(${features})/` },
    },
    {
      name: 'access-knows-no-feature',
      comment: 'The decision is made from its arguments alone: that is what makes it testable.',
      severity: 'error',
      from: { path: '^src/access/', pathNot: tests },
      to: { path: `^src/(${features}|${waysIn})/` },
    },
    {
      name: 'scopes-know-nothing',
      comment: 'The catalogue of scopes is a list; it needs nobody.',
      severity: 'error',
      from: { path: '^src/scopes/', pathNot: tests },
      to: { path: '^src/', pathNot: '^src/scopes/' },
    },
    {
      name: 'base-knows-only-base',
      comment: 'config, db, secrets, process, context and problems stand below everything else.',
      severity: 'error',
      from: { path: [`^src/(${base})/`, baseFiles], pathNot: tests },
      to: { path: '^src/', pathNot: [`^src/(${base})/`, baseFiles] },
    },
    {
      name: 'a-room-keeps-its-store',
      comment: 'A feature may use the rules of another, never its store, routes or pages.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: `^src/server/|${tests}` },
      to: { path: '^src/[^/]+/[a-z-]*(store|rest|pages)[.]tsx?$', pathNot: '^src/$1/' },
    },
    {
      name: 'server-takes-routes-not-stores',
      comment: 'The server puts routes and pages together; it has no business with tables.',
      severity: 'error',
      from: { path: '^src/(server|cli)/' },
      to: { path: '^src/[^/]+/[a-z-]*store[.]ts$' },
    },
    {
      name: 'rules-know-no-http',
      comment: 'Rules and stores know nothing of Fastify or HTML.',
      severity: 'error',
      from: { path: rules },
      to: { path: 'node_modules/(@fastify|fastify|fastify-plugin|preact|preact-render-to-string)/' },
    },
    {
      name: 'nothing-shipped-imports-tests',
      comment: 'What runs in production never leans on test code.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: [`^(test|bench|scripts)/`, tests] },
    },
    {
      name: 'production-needs-no-development-package',
      comment:
        'A package that src/ imports stands under dependencies; what runs in browsers is built into dist/.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/web/client/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    // TypeScript 7 offers no parser to other programs; swc reads the same files, type-only imports included.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    moduleSystems: ['es6'],
    extraExtensionsToScan: [],
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
    detectProcessBuiltinModuleCalls: true,
    skipAnalysisNotInRules: true,
  },
};
