import { ofctl } from '../tools/ofctl/ofctl.ts'
import { tool } from './tool.ts'

export const ovsOfctl = tool('ovs-ofctl', ofctl)
