export * from './coverage.ts'
export * from './dispatch.ts'
export * from './socket.ts'
