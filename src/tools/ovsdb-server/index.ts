export * from './host.ts'
export { ovsdbServer } from './ovsdb-server.ts'
