import { parseIp4 } from '../../../../wire/address.ts'
import { dhcpOptionNames, optionValue } from './option-names.ts'

/** What dhclient.conf(5) says, as far as it is understood; times in seconds. */
export type DhclientConf = {
  /** By code, in this order. */
  send: Map<number, Uint8Array>
  request: number[]
  timeout: number
  retry: number
  reboot: number
  reject: number[]
  /** What is put in the place of a server's word, before it, or where it says nothing. */
  supersede: Map<number, Uint8Array>
  prepend: Map<number, Uint8Array>
  default: Map<number, Uint8Array>
}

const usual = [
  ...['subnet-mask', 'broadcast-address', 'time-offset', 'routers', 'domain-name', 'domain-name-servers'],
  ...['domain-search', 'host-name', 'netbios-name-servers', 'netbios-scope', 'interface-mtu'],
  ...['rfc3442-classless-static-routes', 'ntp-servers'],
]

const codeOf = (name: string): number | undefined => dhcpOptionNames[name]?.code

/** What Debian's file says: the host's name is sent, and thirteen options are asked for. */
const usualConf = (hostname: string): DhclientConf => ({
  send: new Map([[codeOf('host-name') as number, optionValue('host-name', hostname) as Uint8Array]]),
  request: usual.map(name => codeOf(name) as number),
  timeout: 60,
  retry: 300,
  reboot: 10,
  reject: [],
  supersede: new Map(),
  prepend: new Map(),
  default: new Map(),
})

/** Reads a file; `complaints` are a line each, and what they are about is left out. Without a text, Debian's defaults. */
export const readConf = (
  text: string | undefined,
  hostname: string,
  path: string,
): { conf: DhclientConf; complaints: string[] } => {
  const conf = usualConf(hostname)
  const complaints: string[] = []
  if (text === undefined) return { conf, complaints }
  conf.send.clear()
  conf.request = []
  let line = 1
  // Texts may have semicolons in them.
  for (const [statement] of text.matchAll(/(?:"(?:\\.|[^"\\])*"|#[^\n]*|[^;"#])+;?/g)) {
    const began = line + (/^\s*/.exec(statement.replaceAll(/#[^\n]*/g, ''))?.[0].split('\n').length ?? 1) - 1
    line += statement.split('\n').length - 1
    const words = statement
      .replaceAll(/#[^\n]*/g, '')
      .replace(/;$/, '')
      .trim()
    if (words !== '' && !take(conf, words, hostname)) complaints.push(`${path} line ${began}: expecting a statement.`)
  }
  return { conf, complaints }
}

const take = (conf: DhclientConf, statement: string, hostname: string): boolean => {
  const [, verb = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(statement) ?? []
  if (verb === 'timeout' || verb === 'retry' || verb === 'reboot') {
    conf[verb] = Number(rest)
    return /^\d+$/.test(rest)
  }
  if (verb === 'send' || verb === 'supersede' || verb === 'prepend' || verb === 'default') {
    const [, name = '', value = ''] = /^(\S+)\s+([\s\S]+)$/.exec(rest) ?? []
    const code = codeOf(name)
    const bytes = optionValue(name, /^gethostname\s*\(\s*\)$/.test(value) ? hostname : value)
    if (code === undefined || bytes === undefined) return false
    conf[verb].set(code, bytes)
    return true
  }
  if (verb === 'request' || verb === 'also') {
    const names = rest.replace(/^request\b/, '').split(',')
    const codes = names.map(name => name.trim()).filter(name => name !== '' && !name.startsWith('dhcp6.'))
    conf.request = [...(verb === 'also' ? conf.request : []), ...codes.flatMap(name => codeOf(name) ?? [])]
    return codes.every(name => codeOf(name) !== undefined)
  }
  if (verb === 'reject') {
    const ips = rest.split(',').map(text => parseIp4(text.trim()))
    conf.reject.push(...ips.filter(ip => ip !== undefined))
    return ips.every(ip => ip !== undefined)
  }
  // A definition of an option: those of Debian's file are known.
  return verb === 'option' && /^rfc3442-classless-static-routes code 121 =/.test(rest)
}

/** The server's options with those of the file. */
export const withConf = (conf: DhclientConf, said: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array> => {
  const all = new Map(said)
  for (const [code, value] of conf.default) if (!all.has(code)) all.set(code, value)
  for (const [code, value] of conf.prepend) all.set(code, Uint8Array.from([...value, ...(all.get(code) ?? [])]))
  for (const [code, value] of conf.supersede) all.set(code, value)
  return all
}
