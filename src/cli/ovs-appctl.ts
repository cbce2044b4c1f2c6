import { appctl } from '../tools/appctl.ts'
import { tool } from './tool.ts'

export const ovsAppctl = tool('ovs-appctl', appctl)
