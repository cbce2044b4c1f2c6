import type { Stack } from './stack.ts'

/** Counts an ICMPv6 message that leaves, for /proc/net/snmp6. */
export const countIcmp6Out = (stack: Stack, type: number): void => {
  stack.counters.add('Icmp6.OutMsgs')
  stack.counters.add(`Icmp6.OutType${type}`)
}
