type Heavy = { 'node:tls': typeof import('node:tls'); 'node:crypto': typeof import('node:crypto') }

/** A module of Node that takes long to load, at the time when it is first needed: most runs of a tool need none. */
export const builtIn = <N extends keyof Heavy>(name: N): Heavy[N] => process.getBuiltinModule(name) as Heavy[N]
