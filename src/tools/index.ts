import { appctl } from './appctl.ts'
import { ofctl } from './ofctl/ofctl.ts'
import { ovsdbClient } from './ovsdb-client/index.ts'
import type { Program } from './program.ts'
import { vsctl } from './vsctl/vsctl.ts'

export { appctl } from './appctl.ts'
export { ofctl } from './ofctl/ofctl.ts'
export { ovsdbClient } from './ovsdb-client/index.ts'
export * from './program.ts'
export * from './testcontroller/index.ts'
export { vsctl } from './vsctl/vsctl.ts'

/** The tools by the names that a shell knows them by. */
export const programs: Readonly<Record<string, Program>> = {
  'ovs-appctl': appctl,
  'ovs-ofctl': ofctl,
  'ovs-vsctl': vsctl,
  'ovsdb-client': ovsdbClient,
}
