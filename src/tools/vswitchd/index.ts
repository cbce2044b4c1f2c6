export * from './host.ts'
export { vswitchd } from './vswitchd.ts'
