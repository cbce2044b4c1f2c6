/** Which datapath a command is about: the switch's own, or one that `dpctl/add-dp` made. */
import type { Datapath } from '../../datapath/datapath.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { type Reply, refuse } from './command.ts'
import { settingsOf } from './settings.ts'

/** All datapaths, by their names. That of the switch is there once it has a bridge. */
export const datapathsOf = (daemon: Vswitchd): Map<string, Datapath> => {
  const { datapath, bridges } = daemon.switch
  const all: [string, Datapath][] = [...settingsOf(daemon).datapaths]
  if (bridges.size > 0) all.push([datapath.name, datapath])
  return new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The datapath of a name, as `dummy@ovs-dummy`; without a kind it is a system's. */
export const datapathNamed = (daemon: Vswitchd, name: string): Datapath | undefined => {
  const { datapath } = daemon.switch
  const whole = wholeName(name)
  return whole === datapath.name ? datapath : settingsOf(daemon).datapaths.get(whole)
}

export const wholeName = (name: string): string => (name.includes('@') ? name : `system@${name}`)

/** Why there is no datapath of a name: one of the same name is of another kind, or there is none at all. */
export const whyNot = (daemon: Vswitchd, name: string): string => {
  const own = ownName(name)
  return [...datapathsOf(daemon).keys()].some(each => ownName(each) === own) ? 'Invalid argument' : 'No such device'
}

export const ownName = (name: string): string => name.replace(/^[^@]*@/, '')

/** What `ovs-appctl dpctl/…` puts before its errors. */
export const dpctlError = (text: string): Reply => refuse(`ovs-vswitchd: ${text}`)

export const noSuchDatapath = dpctlError('datapath not found (Invalid argument)')
const severalDatapaths = dpctlError(
  'multiple datapaths, specify one\novs-vswitchd: datapath not found (Invalid argument)',
)
const noDatapaths = dpctlError('no datapaths exist\novs-vswitchd: datapath not found (Invalid argument)')

/** The datapath of a name; without one, the only one that there is. */
export const chosenDatapath = (daemon: Vswitchd, name: string | undefined): Datapath | Reply => {
  if (name !== undefined) return datapathNamed(daemon, name) ?? noSuchDatapath
  const [only, ...others] = datapathsOf(daemon).values()
  return others.length > 0 ? severalDatapaths : (only ?? noDatapaths)
}

/** What the leading options of a command of dpctl say. */
export type DpctlOptions = {
  more: boolean
  /** `--names` and `--no-names`; undefined leaves it to the command. */
  names: boolean | undefined
  statistics: boolean
  clear: boolean
  mayCreate: boolean
}

const flags: Readonly<Record<string, Partial<DpctlOptions>>> = {
  '-s': { statistics: true },
  '--statistics': { statistics: true },
  '-m': { more: true },
  '--more': { more: true },
  '--names': { names: true },
  '--no-names': { names: false },
  '--clear': { clear: true },
  '--may-create': { mayCreate: true },
}

/** The options that all commands of dpctl understand, and the words behind them; a text is what is wrong. */
export const readDpctl = (args: readonly string[]): { options: DpctlOptions; words: string[] } | string => {
  const options: DpctlOptions = { more: false, names: undefined, statistics: false, clear: false, mayCreate: false }
  const words = [...args]
  while (/^-./.test(words[0] ?? '')) {
    const arg = words.shift() as string
    for (const flag of arg.startsWith('--') ? [arg] : [...arg.slice(1)].map(letter => `-${letter}`)) {
      const said = Object.hasOwn(flags, flag) ? flags[flag] : undefined
      if (said === undefined) return `Unrecognized option ${flag}`
      Object.assign(options, said)
    }
  }
  return { options, words }
}

export type DpctlRun = (
  daemon: Vswitchd,
  words: readonly string[],
  about: { datapath: Datapath; options: DpctlOptions },
) => Reply

/**
 * For commands whose first word may name the datapath, and is one of `usual` words if it does not: it is left out. A word
 * that says something by `isOther` is no name.
 */
export const withDatapath =
  (usual: number, run: DpctlRun, isOther: (word: string) => boolean = () => false) =>
  (daemon: Vswitchd, args: readonly string[]): Reply => {
    const read = readDpctl(args)
    if (typeof read === 'string') return refuse(read)
    const { words, options } = read
    const [first] = words
    const isNamed = first !== undefined && !isOther(first) && words.length > usual
    const datapath = chosenDatapath(daemon, isNamed ? first : undefined)
    return 'ok' in datapath ? datapath : run(daemon, isNamed ? words.slice(1) : words, { datapath, options })
  }

/**
 * For commands that look whether their first word is the name of a datapath: then it is left out. It has to be one where there are
 * `most` words; with fewer, or more, the only datapath is meant.
 */
export const withFoundDatapath =
  (most: number, run: DpctlRun) =>
  (daemon: Vswitchd, args: readonly string[]): Reply => {
    const read = readDpctl(args)
    if (typeof read === 'string') return refuse(read)
    const { words, options } = read
    const named = words[0] === undefined ? undefined : datapathsOf(daemon).get(wholeName(words[0]))
    if (named !== undefined) return run(daemon, words.slice(1), { datapath: named, options })
    const datapath = words.length === most ? noSuchDatapath : chosenDatapath(daemon, undefined)
    return 'ok' in datapath ? datapath : run(daemon, words, { datapath, options })
  }

/** Whether the datapath is of the kind that Open vSwitch calls a dummy. */
export const isOfDummies = (datapath: Datapath): boolean =>
  [...datapath.ports().values()].some(({ type }) => type === 'dummy-internal')
