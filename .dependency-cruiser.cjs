// The layer rules of ARCHITECTURE.md as a program: a file imports its own folder or one above it in this list.
const layers = [
  'runtime',
  'wire',
  'flow',
  'openflow',
  'ovsdb',
  'tunnel',
  'datapath',
  'switch',
  'vswitchd',
  'host',
  'tools',
  'machine',
  'lab',
  'linux',
  'node',
  'browser',
  'cli',
  'web',
]
const platform = new Set(['linux', 'node', 'browser', 'cli', 'web'])
const tests = '\\.(test|testing)\\.ts$'
const inFolders = names => `^src/(${names.join('|')})/`

const downward = layers.slice(0, -1).map((name, i) => ({
  name: `${name}-imports-upward-only`,
  severity: 'error',
  from: { path: `^src/${name}/`, pathNot: tests },
  to: { path: inFolders(layers.slice(i + 1)) },
}))
const strangers = ['openflow', 'ovsdb', 'tunnel', 'host']
const apart = strangers.map(name => ({
  name: `${name}-stands-alone`,
  severity: 'error',
  comment: 'openflow, ovsdb, tunnel and host do not import each other',
  from: { path: `^src/${name}/`, pathNot: tests },
  to: { path: inFolders(strangers.filter(other => other !== name)) },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...downward,
    ...apart,
    {
      name: 'no-platform-in-core',
      severity: 'error',
      from: { path: inFolders(layers.filter(name => !platform.has(name))), pathNot: tests },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan-import', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-tests-in-source', severity: 'error', from: { path: '^src/', pathNot: tests }, to: { path: tests } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs'],
      conditionNames: ['import', 'types', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
}
