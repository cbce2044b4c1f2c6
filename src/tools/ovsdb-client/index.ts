export { ovsdbClient } from './ovsdb-client.ts'
