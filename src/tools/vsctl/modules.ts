import { ofctlModules } from '../vlog/index.ts'

/** Modules whose levels `-v` sets. */
export const vsctlModules: readonly string[] = [
  ...ofctlModules.filter(name => name !== 'ofctl'),
  'db_ctl_base',
  'table',
  'vsctl',
].sort()
