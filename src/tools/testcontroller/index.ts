export type { ControllerHost } from './host.ts'
export { LearningSwitch } from './learning-switch.ts'
export { testcontroller } from './testcontroller.ts'
