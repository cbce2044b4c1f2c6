import { levels } from './output.ts'

/** What `mn` was told. */
export type MnOptions = {
  switch: string
  host: string
  controller: string[]
  link: string
  topo: string
  topoFile: string | undefined
  clean: boolean
  custom: string[]
  test: string[]
  xterms: boolean
  ipbase: string
  mac: boolean
  arp: boolean
  verbosity: string
  innamespace: boolean
  listenport: number | undefined
  nolistenport: boolean
  pre: string | undefined
  post: string | undefined
  pin: boolean
  /** The words behind `--nat`; undefined without. */
  nat: string | undefined
  version: boolean
  help: boolean
  wait: boolean | number
  cluster: string | undefined
  placement: string
  seed: number
  realTime: boolean
  backend: string
  json: boolean
  pcap: string | undefined
}

type Kind = 'flag' | 'text' | 'list' | 'whole' | 'maybe'
type Spec = {
  long: string
  short?: string
  kind: Kind
  into: keyof MnOptions
  value?: string
  choices?: readonly string[]
  about: string
  /** Not of Mininet, whose options may be shortened as there. */
  own?: boolean
}

const specs: readonly Spec[] = [
  { long: 'help', short: 'h', kind: 'flag', into: 'help', about: 'say this, and end' },
  {
    long: 'switch',
    kind: 'text',
    into: 'switch',
    value: 'SWITCH',
    about: 'the kind of switches: default|ivs|lxbr|ovs|ovsbr|ovsk|user [,param=value...]',
  },
  { long: 'host', kind: 'text', into: 'host', value: 'HOST', about: 'cfs|proc|rt[,param=value...]: the kind of hosts' },
  {
    long: 'controller',
    kind: 'list',
    into: 'controller',
    value: 'CONTROLLER',
    about: 'a controller, may be repeated: default|none|nox|ovsc|ref|remote|ryu [,param=value...]',
  },
  {
    long: 'link',
    kind: 'text',
    into: 'link',
    value: 'LINK',
    about: 'default|ovs|tc|tcu[,param=value...]: the kind of links',
  },
  {
    long: 'topo',
    kind: 'text',
    into: 'topo',
    value: 'TOPO',
    about: 'the topology: linear|minimal|reversed|single|torus|tree [,param=value...]',
  },
  { long: 'clean', short: 'c', kind: 'flag', into: 'clean', about: 'remove what is left of earlier runs, and end' },
  {
    long: 'custom',
    kind: 'list',
    into: 'custom',
    value: 'CUSTOM',
    about: 'read topologies, classes and tests from .ts or .js files',
  },
  {
    long: 'test',
    kind: 'list',
    into: 'test',
    value: 'TEST',
    about: 'pingall|pingpair|iperf|iperfudp|all|none|build, or a method of the network; a+b runs both',
  },
  {
    long: 'xterms',
    short: 'x',
    kind: 'flag',
    into: 'xterms',
    about: 'terminals for each node, which there are none of here',
  },
  {
    long: 'ipbase',
    short: 'i',
    kind: 'text',
    into: 'ipbase',
    value: 'IPBASE',
    about: 'the network that hosts get addresses of',
  },
  { long: 'mac', kind: 'flag', into: 'mac', about: 'MAC addresses that are easy to read' },
  { long: 'arp', kind: 'flag', into: 'arp', about: 'every host knows the MAC of every other' },
  {
    long: 'verbosity',
    short: 'v',
    kind: 'text',
    into: 'verbosity',
    value: 'VERBOSITY',
    choices: Object.keys(levels),
    about: 'debug|info|output|warning|warn|error|critical',
  },
  {
    long: 'innamespace',
    kind: 'flag',
    into: 'innamespace',
    about: 'switches and controllers in namespaces of their own',
  },
  {
    long: 'listenport',
    kind: 'whole',
    into: 'listenport',
    value: 'LISTENPORT',
    about: 'the port at which the first switch can be called, 6654',
  },
  { long: 'nolistenport', kind: 'flag', into: 'nolistenport', about: 'switches cannot be called' },
  {
    long: 'pre',
    kind: 'text',
    into: 'pre',
    value: 'PRE',
    about: 'a file of commands to run before the network starts',
  },
  { long: 'post', kind: 'text', into: 'post', value: 'POST', about: 'a file of commands to run before it stops' },
  { long: 'pin', kind: 'flag', into: 'pin', about: 'hosts on processors by turns (with --host cfs or rt)' },
  { long: 'nat', kind: 'maybe', into: 'nat', value: '[option=val...]', about: 'a router to other networks' },
  { long: 'version', kind: 'flag', into: 'version', about: 'print the version of Mininet that this is like, and end' },
  { long: 'wait', short: 'w', kind: 'flag', into: 'wait', about: 'wait for switches to connect' },
  {
    long: 'twait',
    short: 't',
    kind: 'whole',
    into: 'wait',
    value: 'WAIT',
    about: 'wait so many seconds for switches to connect',
  },
  {
    long: 'cluster',
    kind: 'text',
    into: 'cluster',
    value: 'server1,server2...',
    about: 'several servers, which Weft does not do',
  },
  {
    long: 'placement',
    kind: 'text',
    into: 'placement',
    value: 'block|random',
    choices: ['block', 'random'],
    about: 'where nodes go with --cluster',
  },
  {
    long: 'topo-file',
    own: true,
    kind: 'text',
    into: 'topoFile',
    value: 'FILE',
    about: 'the topology of a file: containerlab (.yml, .yaml), MiniEdit (.mn), GraphML (.graphml)',
  },
  {
    long: 'seed',
    own: true,
    kind: 'whole',
    into: 'seed',
    value: 'N',
    about: 'what chance is made of; the same seed gives the same bytes (1)',
  },
  {
    long: 'real-time',
    own: true,
    kind: 'flag',
    into: 'realTime',
    about: "let the network's time pass as fast as yours",
  },
  {
    long: 'backend',
    own: true,
    kind: 'text',
    into: 'backend',
    value: 'embedded',
    choices: ['embedded'],
    about: 'where the network lives',
  },
  {
    long: 'json',
    own: true,
    kind: 'flag',
    into: 'json',
    about: 'print the network and the results of tests as JSON on stdout',
  },
  { long: 'pcap', own: true, kind: 'text', into: 'pcap', value: 'FILE', about: 'record all links into a pcapng file' },
]

export const usage = 'Usage: mn [options]\n(type mn -h for details)\n'

/** What was wrong with the words, as Mininet says it. */
export class BadWords extends Error {
  override name = 'BadWords'
}

const defaults = (): MnOptions => ({
  switch: 'default',
  host: 'proc',
  controller: [],
  link: 'default',
  topo: 'minimal',
  topoFile: undefined,
  clean: false,
  custom: [],
  test: [],
  xterms: false,
  ipbase: '10.0.0.0/8',
  mac: false,
  arp: false,
  verbosity: 'info',
  innamespace: false,
  listenport: 6654,
  nolistenport: false,
  pre: undefined,
  post: undefined,
  pin: false,
  nat: undefined,
  version: false,
  help: false,
  wait: false,
  cluster: undefined,
  placement: 'block',
  seed: 1,
  realTime: false,
  backend: 'embedded',
  json: false,
  pcap: undefined,
})

/** The option that a long name means: itself, or the only one that it begins. */
const byName = (name: string): Spec => {
  const exact = specs.find(({ long }) => long === name)
  const begun = specs.filter(({ long, own }) => !own && long.startsWith(name))
  if (exact !== undefined) return exact
  if (begun.length === 1) return begun[0] as Spec
  if (begun.length === 0) throw new BadWords(`no such option: --${name}`)
  const names = begun.map(({ long }) => `--${long}`).sort()
  throw new BadWords(`ambiguous option: --${name} (${names.join(', ')}?)`)
}

/** Reads the words of `mn`; throws `BadWords`. What is no option is in `rest`. */
export const parseOptions = (words: readonly string[]): { options: MnOptions; rest: string[] } => {
  const options = defaults()
  const rest: string[] = []
  const left = [...words]
  const set = (spec: Spec, said: string, attached: string | undefined): void => {
    const { kind, into, choices } = spec
    const store = options as unknown as Record<string, unknown>
    if (kind === 'flag') {
      if (attached !== undefined && said.startsWith('--')) throw new BadWords(`${said} option does not take a value`)
      store[into] = true
      return
    }
    if (kind === 'maybe') {
      store[into] = attached ?? (left[0] !== undefined && !left[0].startsWith('-') ? left.shift() : '')
      return
    }
    const value = attached ?? left.shift()
    if (value === undefined) throw new BadWords(`${said} option requires 1 argument`)
    if (choices !== undefined && !choices.includes(value))
      throw new BadWords(
        `option ${said}: invalid choice: '${value}' (choose from ${choices.map(each => `'${each}'`).join(', ')})`,
      )
    if (kind === 'whole' && !/^[+-]?\d+$/.test(value))
      throw new BadWords(`option ${said}: invalid integer value: '${value}'`)
    if (kind === 'list') (store[into] as string[]).push(value)
    else store[into] = kind === 'whole' ? Number(value) : value
  }
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') {
      rest.push(...left)
      break
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
      const spec = byName(name)
      set(spec, `--${spec.long}`, equals < 0 ? undefined : word.slice(equals + 1))
    } else if (word.startsWith('-') && word.length > 1) {
      for (let i = 1; i < word.length; i++) {
        const spec = specs.find(({ short }) => short === word![i])
        if (spec === undefined) throw new BadWords(`no such option: -${word[i]}`)
        const attached = spec.kind === 'flag' || i === word.length - 1 ? undefined : word.slice(i + 1)
        set(spec, `-${word[i]}`, attached)
        if (spec.kind !== 'flag') break
      }
    } else rest.push(word)
  }
  return { options, rest }
}

/** Text in lines of so many characters at most. */
const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** What `mn -h` prints. */
export const help = (): string => {
  const rows = specs.map(({ long, short, value, kind, about }) => {
    const shown = value === undefined ? '' : kind === 'maybe' ? ` ${value}` : `=${value}`
    const head = `  ${short === undefined ? '' : `-${short}${value === undefined ? '' : ` ${value}`}, `}--${long}${shown}`
    const lines = wrapped(about, 54).map(line => `${' '.repeat(24)}${line}`)
    if (head.length > 22) return `${head}\n${lines.join('\n')}\n`
    return `${head.padEnd(24)}${lines.join('\n').trimStart()}\n`
  })
  return `${usage}\nmn makes a network of hosts, switches and controllers, and runs tests on it, or\ngives a prompt.\n\nOptions:\n${rows.join('')}`
}
