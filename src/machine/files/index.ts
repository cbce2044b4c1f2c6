export * from './errno.ts'
export * from './file-system.ts'
export * from './node.ts'
export * from './path.ts'
