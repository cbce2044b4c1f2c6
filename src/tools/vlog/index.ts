export * from './log.ts'
export * from './modules.ts'
export * from './open-log.ts'
export * from './settings.ts'
