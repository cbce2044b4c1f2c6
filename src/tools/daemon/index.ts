export * from './daemon.ts'
export * from './options.ts'
export * from './stay.ts'
