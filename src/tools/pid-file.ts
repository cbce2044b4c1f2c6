import type { Connect } from './program.ts'

/** The process that a pid file names; undefined if there is no number in it. A text says why it cannot be read. */
export const readPidFile = ({ readFile }: Pick<Connect, 'readFile'>, path: string): number | undefined | string => {
  const bytes = readFile(path)
  if (typeof bytes === 'string') return bytes
  const [, digits] = /^\s*([0-9]{1,9})\s*$/.exec(String.fromCharCode(...bytes.subarray(0, 32))) ?? []
  return digits === undefined ? undefined : Number(digits)
}
