export { SoftDatapath, type SoftOptions } from './soft-datapath.ts'
