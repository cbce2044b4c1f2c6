/** Errors of a system by number, in the words of strerror(3). */
const texts: Readonly<Record<number, string>> = {
  1: 'Operation not permitted',
  2: 'No such file or directory',
  3: 'No such process',
  16: 'Device or resource busy',
  17: 'File exists',
  19: 'No such device',
  22: 'Invalid argument',
  [-1]: 'End of file',
}

export const systemError = (number: number): string => texts[number] ?? `Unknown error ${number}`
