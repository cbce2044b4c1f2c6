/** The signals that can be sent, with Linux's numbers on x86. A process that one ends has the status 128 + number. */
export const signalNumbers = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
} as const
export type SignalName = keyof typeof signalNumbers

const byNumber = new Map<number, SignalName>()
for (const name of Object.keys(signalNumbers) as SignalName[]) byNumber.set(signalNumbers[name], name)

/** The signal of `9`, `KILL`, `SIGKILL` or `kill`; undefined for anything else. */
export const signalOf = (text: string): SignalName | undefined => {
  if (/^\d+$/.test(text)) return byNumber.get(Number(text))
  const name = text.toUpperCase().replace(/^SIG/, '')
  return Object.hasOwn(signalNumbers, name) ? (name as SignalName) : undefined
}

/** What a signal does to a process that neither catches nor ignores it. Stopping is not modelled. */
export const endsByDefault = (name: SignalName): boolean =>
  name !== 'CHLD' && name !== 'CONT' && name !== 'STOP' && name !== 'TSTP'
