import { ovsdbClient as program } from '../tools/ovsdb-client/index.ts'
import { tool } from './tool.ts'

export const ovsdbClient = tool('ovsdb-client', program)
