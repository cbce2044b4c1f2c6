import type { Commands } from '../../command.ts'
import { baseCommands } from '../index.ts'
import { ip } from './ip/ip.ts'
import { ping } from './ping/ping.ts'
import { sysctl } from './sysctl.ts'

/** The programs of a machine that deal with its network. */
export const netCommands: Commands = { ip, ping, ping6: ping, sysctl }

/** All programs of a machine without Open vSwitch. */
export const commands: Commands = { ...baseCommands, ...netCommands }
