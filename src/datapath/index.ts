export * from './action.ts'
export * from './actions-text.ts'
export * from './datapath.ts'
export * from './soft/index.ts'
