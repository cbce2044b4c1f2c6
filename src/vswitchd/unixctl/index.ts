export * from './dispatch.ts'
export * from './socket.ts'
