import { vsctl } from '../tools/vsctl/vsctl.ts'
import { tool } from './tool.ts'

export const ovsVsctl = tool('ovs-vsctl', vsctl)
