import { Intf } from './intf.ts'
import type { Options } from './topo.ts'

/** What a link of `--link tc` may be told: Mininet's names and units. */
export type TCParams = {
  /** Mbit/s. */
  bw?: number
  /** A time with its unit: `10ms`. */
  delay?: string | number
  jitter?: string | number
  /** Per cent. */
  loss?: number
  /** Packets. */
  max_queue_size?: number
  gro?: boolean
  txo?: boolean
  rxo?: boolean
  /** Mbit/s of the switch's end instead of `bw`. */
  speedup?: number
  use_hfsc?: boolean
  use_tbf?: boolean
  /** ms, with `use_tbf`; otherwise what 15 kB need. */
  latency_ms?: number
  enable_ecn?: boolean
  enable_red?: boolean
}

/** The lines of `tc` for an interface without its device, and where the next queue would go. */
export type TCLines = { lines: string[]; parent: string; errors: string[] }

/** Mbit/s; there is no other reason than that somebody has mistaken the unit. */
const mostBandwidth = 1e6

/** The shaper: HTB, or HFSC or TBF, and RED behind it. `isSwitch` is whose `speedup` counts. */
const bandwidth = (params: TCParams, isSwitch: boolean): TCLines => {
  const { bw, speedup = 0, use_hfsc, use_tbf, latency_ms, enable_ecn, enable_red } = params
  if (bw === undefined) return { lines: [], parent: 'root', errors: [] }
  if (!(bw >= 0 && bw <= mostBandwidth))
    return {
      lines: [],
      parent: 'root',
      errors: [`Bandwidth limit ${bw} is outside supported range 0..${mostBandwidth} - ignoring\n`],
    }
  const rate = speedup > 0 && isSwitch ? speedup : bw
  const mbit = rate.toFixed(6)
  const lines = use_hfsc
    ? ['root handle 5:0 hfsc default 1', `class parent 5:0 classid 5:1 hfsc sc rate ${mbit}Mbit ul rate ${mbit}Mbit`]
    : use_tbf
      ? [`root handle 5: tbf rate ${mbit}Mbit burst 15000 latency ${(latency_ms ?? (15 * 8) / rate).toFixed(6)}ms`]
      : ['root handle 5:0 htb default 1', `class parent 5:0 classid 5:1 htb rate ${mbit}Mbit burst 15k`]
  if (!enable_ecn && !enable_red) return { lines, parent: 'parent 5:1', errors: [] }
  const red = `parent 5:1 handle 6: red limit 1000000 min 30000 max 35000 avpkt 1500 burst 20 bandwidth ${mbit}mbit probability 1`
  return { lines: [...lines, enable_ecn ? `${red} ecn` : red], parent: 'parent 6:', errors: [] }
}

/** netem's words for delay, jitter, loss and queue; empty when there are none. */
const netem = ({ delay, jitter, loss, max_queue_size }: TCParams): { words: string[]; errors: string[] } => {
  if (loss !== undefined && !(loss >= 0 && loss <= 100))
    return { words: [], errors: [`Bad loss percentage ${loss} %\n`] }
  const words: string[] = []
  if (delay !== undefined) words.push(`delay ${delay}`)
  if (jitter !== undefined) words.push(`${jitter}`)
  if (loss !== undefined && loss > 0) words.push(`loss ${loss.toFixed(5)}`)
  if (max_queue_size !== undefined) words.push(`limit ${Math.trunc(max_queue_size)}`)
  return { words, errors: [] }
}

/** All lines for an interface: `qdisc add dev` or `class add dev` is to be put in front of what is behind the first word. */
export const tcLines = (params: TCParams, isSwitch: boolean): TCLines => {
  const { lines, parent, errors } = bandwidth(params, isSwitch)
  const { words, errors: more } = netem(params)
  const all = words.length === 0 ? lines : [...lines, `${parent} handle 10: netem ${words.join(' ')}`]
  return { lines: all, parent: words.length === 0 ? parent : 'parent 10:1', errors: [...errors, ...more] }
}

/** `(10.00Mbit 10ms delay) `, as it is said while the link is made. */
const summary = ({ bw, delay, jitter, loss, enable_ecn, enable_red }: TCParams): string => {
  const said: string[] = []
  if (bw !== undefined) said.push(`${bw.toFixed(2)}Mbit`)
  if (delay !== undefined) said.push(`${delay} delay`)
  if (jitter !== undefined) said.push(`${jitter} jitter`)
  if (loss !== undefined) said.push(`${loss.toFixed(5)}% loss`)
  if (enable_ecn) said.push('ECN')
  else if (enable_red) said.push('RED')
  return `(${said.join(' ')}) `
}

/** An interface whose bandwidth, delay, loss and queue are set by the words of `tc`. */
export class TCIntf extends Intf {
  /** Also at run time: what is there is replaced by what is said now. */
  override async config(params: Options = this.params): Promise<Record<string, unknown>> {
    const result = await super.config(params)
    const wanted = params as TCParams
    await this.offloads(wanted)
    const { bw, delay, loss, max_queue_size } = wanted
    if (bw === undefined && !delay && !loss && max_queue_size === undefined) return result
    const { output } = this.node.box
    const { lines, parent, errors } = tcLines(wanted, this.node.name.startsWith('s'))
    for (const error of errors) output.error(error)
    this.shaping = wanted
    const there = await this.tc('qdisc', 'show')
    const texts: string[] = []
    if (!there.includes('priomap') && !there.includes('noqueue')) texts.push(await this.tc('qdisc', 'del', 'root'))
    output.info(summary(wanted))
    for (const line of lines) {
      const words = line.split(' ')
      const kind = words[0] === 'class' ? (words.shift() as string) : 'qdisc'
      texts.push(await this.tc(kind, 'add', ...words))
    }
    for (const text of texts) if (text !== '') output.error(`*** Error: ${text}`)
    return { ...result, tcoutputs: texts, parent: ` ${parent} ` }
  }

  /** `tc KIND VERB dev NAME …`; gives what it printed. */
  tc(kind: string, verb: string, ...words: string[]): Promise<string> {
    return this.node.exec('tc', kind, verb, 'dev', this.name, ...words)
  }

  private async offloads({ gro = false, txo = true, rxo = true }: TCParams): Promise<void> {
    const on = (wanted: boolean): string => (wanted ? 'on' : 'off')
    await this.node.exec('ethtool', '-K', this.name, 'gro', on(gro), 'tx', on(txo), 'rx', on(rxo))
  }
}
