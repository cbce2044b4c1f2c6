/** Ports that have a name where ports are not asked for in numbers, as /etc/services of Debian has them. */
const names: Readonly<Record<number, string>> = {
  21: 'ftp',
  22: 'ssh',
  23: 'telnet',
  25: 'smtp',
  53: 'domain',
  67: 'bootps',
  68: 'bootpc',
  69: 'tftp',
  80: 'http',
  110: 'pop3',
  111: 'sunrpc',
  123: 'ntp',
  143: 'imap2',
  161: 'snmp',
  179: 'bgp',
  443: 'https',
  3306: 'mysql',
  5353: 'mdns',
  5432: 'postgresql',
  8080: 'http-alt',
}
const only: Readonly<Record<string, readonly number[]>> = {
  tcp: [67, 68, 69, 123, 5353],
  udp: [21, 22, 23, 25, 80, 110, 143, 179, 3306, 5432, 8080],
}

/** The name of a port, or undefined. */
export const serviceOf = (port: number, protocol: 'tcp' | 'udp'): string | undefined =>
  only[protocol]?.includes(port) ? undefined : names[port]

/** The port of a name or number; undefined for neither. */
export const portOf = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text) <= 65535 ? Number(text) : undefined
  for (const [port, name] of Object.entries(names)) if (name === text) return Number(port)
  return undefined
}
