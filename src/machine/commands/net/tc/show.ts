/** What `tc qdisc show` and `tc class show` print. */
import {
  Fifo,
  type Handle,
  Hfsc,
  HfscClass,
  Htb,
  HtbClass,
  type Link,
  latencyOf,
  majorOf,
  Netem,
  type NetemOptions,
  newStats,
  PfifoFast,
  type Place,
  type Qdisc,
  type QueueStats,
  Red,
  type ServiceCurve,
  Tbf,
  usualPriorities,
} from '../../../../host/index.ts'
import { burstAsTime, formatHandle, formatPercent, formatRate, formatSize, formatTime } from './words.ts'

export type ShowOptions = { stats: boolean; details: boolean; now: number }

const statsLines = ({ bytes, packets, dropped, overlimits, backlogBytes, backlogPackets }: QueueStats): string =>
  ` Sent ${bytes} bytes ${packets} pkt (dropped ${dropped}, overlimits ${overlimits} requeues 0) \n` +
  ` backlog ${backlogBytes}b ${backlogPackets}p requeues 0\n`

const fastWords = `bands 3 priomap ${usualPriorities.join(' ')}`

const netemWords = (options: NetemOptions): string => {
  const words = [`limit ${options.limit}`]
  if (options.delay > 0) {
    words.push(`delay ${formatTime(options.delay)}`)
    if (options.jitter > 0) words.push(` ${formatTime(options.jitter)}`)
    if (options.jitter > 0 && options.delayCorrelation > 0) words.push(formatPercent(options.delayCorrelation))
  }
  const { bursts } = options
  if (bursts !== undefined) {
    const { toBad, toGood, lossWhenBad, lossWhenGood } = bursts
    const [p, r, h, k] = [toBad, toGood, lossWhenBad, lossWhenGood].map(formatPercent)
    words.push(`loss gemodel p ${p} r ${r} 1-h ${h} 1-k ${k}`)
  }
  for (const name of ['loss', 'duplicate', 'reorder', 'corrupt'] as const) {
    const { probability, correlation } = options[name]
    if (probability === 0) continue
    words.push(`${name} ${formatPercent(probability)}${correlation > 0 ? ` ${formatPercent(correlation)}` : ''}`)
  }
  if (options.rate > 0) words.push(`rate ${formatRate(options.rate)}`)
  if (options.overhead !== 0) words.push(`packetoverhead ${options.overhead}`)
  if (options.gap > 0) words.push(`gap ${options.gap}`)
  return words.join(' ')
}

/** The words behind the place of a discipline. */
const wordsOf = (qdisc: Qdisc, { details }: ShowOptions): string => {
  if (qdisc instanceof Fifo) return `limit ${qdisc.limit}${qdisc.kind === 'pfifo' ? 'p' : 'b'}`
  if (qdisc instanceof PfifoFast) return fastWords
  if (qdisc instanceof Tbf) {
    const { rate, burst, peak } = qdisc.options
    const cells = details ? '/1 mpu 0b' : ''
    const second =
      peak === undefined
        ? ''
        : `peakrate ${formatRate(peak.rate)} ${details ? 'mtu' : 'minburst'} ${formatSize(peak.mtu)}${cells} `
    const layer = details ? 'linklayer ethernet ' : ''
    return `rate ${formatRate(rate)} burst ${formatSize(burstAsTime(burst, rate))}${cells} ${second}lat ${formatTime(latencyOf(qdisc.options))} ${layer}`
  }
  if (qdisc instanceof Htb) {
    const { r2q, defaultClass, directLimit } = qdisc.options
    const usual = defaultClass === 0 ? '0' : `0x${defaultClass.toString(16)}`
    const version = details ? ' ver 3.17' : ''
    return `r2q ${r2q} default ${usual} direct_packets_stat ${qdisc.directPackets}${version} direct_qlen ${directLimit}`
  }
  if (qdisc instanceof Hfsc) return qdisc.defaultClass === 0 ? '' : `default ${qdisc.defaultClass.toString(16)} `
  if (qdisc instanceof Netem) return netemWords(qdisc.options)
  if (qdisc instanceof Red) {
    const { limit, min, max, ecn, hardDrop } = qdisc.options
    return `limit ${formatSize(limit)} min ${formatSize(min)} max ${formatSize(max)} ${ecn ? 'ecn ' : ''}${hardDrop ? 'harddrop ' : ''}`
  }
  return ''
}

const extraStats = (qdisc: Qdisc): string =>
  qdisc instanceof Red ? `  marked ${qdisc.marked} early ${qdisc.early} pdrop ${qdisc.full} other 0\n` : ''

/** The disciplines of a link: what it has by itself, or what it was given. `from` chooses those that hang there. */
export const qdiscLines = (
  link: Link,
  options: ShowOptions,
  withDevice: boolean,
  isWanted: (handle: Handle, parent: Handle | undefined) => boolean = () => true,
): string => {
  const device = withDevice ? ` dev ${link.name}` : ''
  const stats = (counts: QueueStats, qdisc?: Qdisc): string =>
    options.stats ? `${statsLines(counts)}${qdisc === undefined ? '' : extraStats(qdisc)}` : ''
  if (link.egress === undefined) {
    if (link.qdisc === 'noop' || !isWanted(0, undefined)) return ''
    const words = link.qdisc === 'pfifo_fast' ? fastWords : ''
    // What needs no queue counts nothing.
    const counts =
      link.qdisc === 'pfifo_fast' ? { ...newStats(), bytes: link.tx.bytes, packets: link.tx.packets } : newStats()
    return `qdisc ${link.qdisc} 0:${device} root refcnt 2 ${words}\n${stats(counts)}`
  }
  let text = ''
  for (const { qdisc, parent } of link.egress.all()) {
    if (!isWanted(qdisc.handle, parent)) continue
    const where = parent === undefined ? 'root refcnt 2' : `parent ${formatHandle(parent)}`
    text += `qdisc ${qdisc.kind} ${formatHandle(qdisc.handle)}${device} ${where} ${wordsOf(qdisc, options)}\n`
    text += stats(qdisc.stats, qdisc)
  }
  return text
}

const curveWords = ({ first, duration, later }: ServiceCurve): string =>
  `m1 ${formatRate(first)} d ${formatTime(duration)} m2 ${formatRate(later)} `.replace('m1 0bit', 'm1 0bit')

/** `rt`, `ls` and `ul`, of which the first two are `sc` if they are the same. */
const curvesOf = ({ options: { realTime, share, limit } }: HfscClass): string => {
  const both = realTime !== undefined && realTime === share
  const named: (readonly [string, ServiceCurve | undefined])[] = both
    ? [['sc', realTime]]
    : [
        ['rt', realTime],
        ['ls', share],
      ]
  return [...named, ['ul', limit] as const]
    .map(([name, curve]) => (curve === undefined ? '' : `${name} ${curveWords(curve)}`))
    .join('')
}

const classLine = (qdisc: Qdisc, handle: Handle, place: Place, { details }: ShowOptions): string => {
  const leaf = place.child.handle === 0 ? '' : `leaf ${formatHandle(place.child.handle)} `
  const parentOf = (parent: { handle: Handle } | undefined): string =>
    parent === undefined ? 'root' : `parent ${formatHandle(parent.handle)}`
  const start = `class ${qdisc.kind} ${formatHandle(handle)} `
  if (place instanceof HtbClass) {
    const { rate, ceil, burst, cburst, priority, quantum } = place.options
    const own = place.children === 0 ? `prio ${priority} ${details ? `quantum ${quantum} ` : ''}` : ''
    const [cells, layer] = details ? ['/1 mpu 0b', 'linklayer ethernet '] : ['', '']
    const rates = `rate ${formatRate(rate)} ceil ${formatRate(ceil)} ${layer}burst ${formatSize(burstAsTime(burst, rate))}${cells} cburst ${formatSize(burstAsTime(cburst, ceil))}${cells} `
    return `${start}${parentOf(place.parent)} ${leaf}${own}${rates}${details ? `level ${place.level} ` : ''}`
  }
  if (place instanceof HfscClass) return `${start}${parentOf(place.parent)} ${leaf}${curvesOf(place)}`
  return `${start}parent ${formatHandle(majorOf(handle))} ${leaf}`
}

const ticks = (time: number): number => Math.trunc(time / 64)

const classStats = (place: Place, { now }: ShowOptions): string => {
  if (place instanceof HtbClass) {
    const { rate, ceil } = place.tokens(now)
    const { backlogBytes, backlogPackets } = place.child.stats
    const counts = { ...place.stats, ...(place.children === 0 ? { backlogBytes, backlogPackets } : {}) }
    const use = ` lended: ${place.lended} borrowed: ${place.borrowed} giants: ${place.giants}\n`
    return `${statsLines(counts)}${use} tokens: ${ticks(rate)} ctokens: ${ticks(ceil)}\n`
  }
  if (place instanceof HfscClass) {
    const { backlogBytes, backlogPackets } = place.child.stats
    return `${statsLines({ ...place.stats, backlogBytes, backlogPackets })} period 0 level ${place.children === 0 ? 0 : 1} \n`
  }
  return ''
}

/** The order in which the kernel's table of classes has them: by hash, of one hash the newest first. */
const inTableOrder = (classes: ReadonlyMap<Handle, Place>): [Handle, Place][] => {
  let size = 16
  while (classes.size * 4 > size * 3) size *= 2
  const hash = (handle: Handle): number => (handle ^ (handle >>> 8) ^ (handle >>> 4)) & (size - 1)
  return [...classes].reverse().sort(([a], [b]) => hash(a) - hash(b))
}

export const classLines = (
  link: Link,
  options: ShowOptions,
  isWanted: (handle: Handle) => boolean = () => true,
): string => {
  let text = ''
  for (const { qdisc } of link.egress?.all() ?? []) {
    for (const [handle, place] of inTableOrder(qdisc.classes ?? new Map())) {
      if (!isWanted(handle)) continue
      text += `${classLine(qdisc, handle, place, options)}\n`
      if (options.stats) text += `${classStats(place, options)}\n`
    }
  }
  return text
}
