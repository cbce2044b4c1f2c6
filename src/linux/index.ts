export * from './file-lock.ts'
export * from './syslog.ts'
export { systemStatistics } from './system-statistics.ts'
