export * from './column.ts'
export * from './datum.ts'
export * from './datum-text.ts'
export * from './schemas/open-vswitch.ts'
