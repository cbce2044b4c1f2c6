import type { Link } from '../../../../host/index.ts'
import type { Command } from '../../../command.ts'
import { kernelRelease } from '../../small.ts'
import { Refusal } from '../refusal.ts'
import { driverText, permanentText, settingsText, statisticsText, timeStampText } from './device.ts'
import { changeFeatures, featuresJson, featuresText, readWishes } from './features.ts'

const help = `ethtool version 6.1
Usage:
        ethtool DEVNAME                   what the driver tells of the device
        ethtool -a|--show-pause DEVNAME
        ethtool -A|--pause DEVNAME [ autoneg on|off ] [ rx on|off ] [ tx on|off ]
        ethtool -g|--show-ring DEVNAME
        ethtool -i|--driver DEVNAME
        ethtool [ --json ] -k|--show-features|--show-offload DEVNAME
        ethtool -K|--features|--offload DEVNAME FEATURE on|off ...
        ethtool -P|--show-permaddr DEVNAME
        ethtool -s|--change DEVNAME [ SETTING VALUE ] ...
        ethtool -S|--statistics DEVNAME
        ethtool -T|--show-time-stamping DEVNAME
        ethtool -h|--help
        ethtool --version
`

const mistake = new Refusal('ethtool: bad command line argument(s)\nFor more information run ethtool -h', 1)

/** What the kernel's netlink answers of a name that is no device. */
const stranger = 'netlink error: no device matches name (offset 24)\nnetlink error: No such device'

const unsupported = 'netlink error: Operation not supported'

/** What an option does with its device; `unknown` is what the tool says where there is no such device. */
type Action = {
  names: readonly string[]
  run: (link: Link, words: readonly string[]) => { text: string; error?: string; status?: number }
  unknown?: Refusal
}

const only = (words: readonly string[], run: () => string, refusal?: Refusal): { text: string } => {
  if (words[0] !== undefined) throw refusal ?? new Refusal(`ethtool: unexpected parameter '${words[0]}'`, 1)
  return { text: run() }
}

/** Settings of a real wire; there is none that could be set. `words` are the names that are read, each with a value. */
const unsettable =
  (option: string, status: number, words: readonly string[]) =>
  (_: Link, given: readonly string[]): never => {
    const odd = given.find((word, i) => i % 2 === 0 && !words.includes(word))
    if (odd !== undefined) throw new Refusal(`ethtool (${option}): unknown parameter '${odd}'`, 1)
    throw new Refusal(unsupported, status)
  }

const ringText = ({ name }: Link): string => {
  const block = 'RX:\t\t256\nRX Mini:\tn/a\nRX Jumbo:\tn/a\nTX:\t\t256\n'
  const rest = 'RX Buf Len:\t\tn/a\nCQE Size:\t\tn/a\nTX Push:\toff\nTCP data split:\tn/a\n'
  return `Ring parameters for ${name}:\nPre-set maximums:\n${block}Current hardware settings:\n${block}${rest}`
}

const actions: readonly Action[] = [
  {
    names: ['-k', '--show-features', '--show-offload'],
    run: (link, words) => only(words, () => featuresText(link)),
  },
  {
    names: ['-K', '--features', '--offload'],
    run: (link, words) => {
      const { text, refused } = changeFeatures(link, readWishes(words))
      return refused ? { text, error: 'Could not change any device features', status: 1 } : { text }
    },
    unknown: new Refusal(stranger, 92),
  },
  {
    names: ['-i', '--driver'],
    run: (link, words) => only(words, () => driverText(link, kernelRelease), mistake),
    unknown: new Refusal('Cannot get driver information: No such device', 71),
  },
  {
    names: ['-S', '--statistics'],
    run: (link, words) => only(words, () => statisticsText(link), mistake),
    unknown: new Refusal('Cannot get stats strings information: No such device', 96),
  },
  {
    names: ['-P', '--show-permaddr'],
    run: link => ({ text: permanentText(link) }),
    unknown: new Refusal('netlink error: No such device', 1),
  },
  { names: ['-T', '--show-time-stamping'], run: (link, words) => only(words, () => timeStampText(link)) },
  { names: ['-a', '--show-pause'], run: unsettable('-a', 1, []) },
  {
    names: ['-g', '--show-ring'],
    run: (link, words) =>
      link.kind === 'eth' ? only(words, () => ringText(link)) : unsettable('-g', 1, [])(link, words),
  },
  { names: ['-A', '--pause'], run: unsettable('-A', 76, ['autoneg', 'rx', 'tx']), unknown: new Refusal(stranger, 76) },
  {
    names: ['-s', '--change'],
    run: unsettable('-s', 75, ['speed', 'duplex', 'port', 'mdix', 'autoneg', 'advertise', 'phyad', 'wol', 'msglvl']),
    unknown: new Refusal(stranger, 75),
  },
]

/** ethtool(8), as far as devices have it that are not of metal. */
export const ethtool: Command = function* (process) {
  const words = process.args.slice(1)
  if (words[0] === '-h' || words[0] === '--help') {
    yield* process.print(help)
    return 0
  }
  if (words[0] === '--version') {
    yield* process.print('ethtool version 6.1\n')
    return 0
  }
  const json = words[0] === '--json'
  if (json) words.shift()
  const action = actions.find(({ names }) => names.includes(words[0] ?? ''))
  const [device, ...rest] = action === undefined ? words : words.slice(1)
  const showsFeatures = action?.names[0] === '-k'
  try {
    if (device === undefined || (json && !showsFeatures)) throw mistake
    if (action === undefined && device.startsWith('-')) throw mistake
    const link = process.namespace.links.get(device)
    if (link === undefined) {
      if (action !== undefined) throw action.unknown ?? new Refusal(stranger, 1)
      // It asks for one thing after the other.
      yield* process.error(Array(5).fill(stranger).join('\n'))
      yield* process.print('No data available\n')
      return 75
    }
    if (action === undefined) {
      yield* process.print(settingsText(link))
      return 0
    }
    if (json && rest.length === 0) {
      yield* process.print(featuresJson(link))
      return 0
    }
    const { text, error, status = 0 } = action.run(link, rest)
    if (error !== undefined) yield* process.error(error)
    yield* process.print(text)
    return status
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}
