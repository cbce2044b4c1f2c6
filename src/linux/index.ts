export * from './file-lock.ts'
export * from './syslog.ts'
