/**
 * `dpctl/add-dp`, `add-if` and their like: datapaths and ports beside those of the switch. They have no switch that would
 * decide for them, only the flows that commands give them. The ports of the switch's own datapath are those of its bridges:
 * one that a command adds is taken away at once, one that it takes away comes back with the next change of the configuration.
 */
import { type Datapath, SoftDatapath, type Vport } from '../../datapath/index.ts'
import { dummyNumber } from '../dummy.ts'
import type { Vswitchd } from '../vswitchd.ts'
import {
  leadingInteger,
  lines,
  type Reply,
  refuse,
  reply,
  type UnixctlCommand,
  type UnixctlCommands,
} from './command.ts'
import { datapathNamed, dpctlError, ownName, readDpctl, wholeName, whyNot } from './datapath-name.ts'
import { settingsOf } from './settings.ts'

const unknownType = 'Address family not supported by protocol'
const busy = 'Device or resource busy'

type Run = (daemon: Vswitchd, words: readonly string[]) => Reply

const command = (usage: string, min: number, run: Run): UnixctlCommand => ({
  usage,
  min,
  max: Number.POSITIVE_INFINITY,
  run(daemon, args) {
    const read = readDpctl(args)
    return typeof read === 'string' ? refuse(read) : run(daemon, read.words)
  },
})

const add: Run = (daemon, [said = '', ...interfaces]) => {
  const name = wholeName(said)
  const [kind = ''] = name.split('@')
  const own = ownName(name)
  const isKnown = daemon.datapathTypes.includes(kind)
  if (!isKnown || !daemon.datapathTypes.includes('dummy')) {
    daemon.switch.log('dpif', 'warn', `could not create datapath ${own} of unknown type ${kind}`)
    return dpctlError(`add_dp (${unknownType})`)
  }
  // It gets a device of its name; another kind of device may have that.
  const isDevice = !/^(dummy-)?internal$/.test(typeOfDevice(daemon, own) ?? 'internal')
  if (datapathNamed(daemon, name) !== undefined || isDevice) return dpctlError('add_dp (File exists)')
  if (own === '' || whyNot(daemon, name) === 'Invalid argument') return dpctlError('add_dp (Invalid argument)')
  const { clock, log } = daemon.switch
  const datapath = new SoftDatapath({ clock, name, log: text => log('dpif', 'err', text) })
  datapath.addPort(deviceOf(own, 'dummy-internal'), 0)
  settingsOf(daemon).datapaths.set(name, datapath)
  return interfaces.length === 0 ? reply('') : addPorts(daemon, [name, ...interfaces])
}

/** A device with nothing behind it. */
const deviceOf = (name: string, type: string): Vport => ({ name, type, send() {} })

/** The switch's own stays as long as there are bridges. */
const remove: Run = (daemon, [name = '']) => {
  const datapath = datapathNamed(daemon, name)
  if (datapath === undefined) return dpctlError(`opening datapath (${whyNot(daemon, name)})`)
  settingsOf(daemon).datapaths.delete(datapath.name)
  return reply('')
}

type Interface = { name: string; type: string | undefined; number: number | undefined }

/** `name,type=…,port_no=…`; other words are options of the device, which has none. */
const interfaceOf = (text: string): Interface => {
  const [name = '', ...words] = text.split(',')
  const found: Interface = { name, type: undefined, number: undefined }
  for (const word of words) {
    const [, key, value = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? []
    if (key === 'type') found.type = value
    if (key === 'port_no') found.number = leadingInteger(value)
  }
  return found
}

/** Does something with each; what is wrong with some is told, and the others are done. */
const each =
  (done: (daemon: Vswitchd, datapath: Datapath, text: string, said: string) => string | undefined): Run =>
  (daemon, [name = '', ...texts]) => {
    const datapath = datapathNamed(daemon, name)
    if (datapath === undefined) return dpctlError(`opening datapath (${whyNot(daemon, name)})`)
    const wrong = texts.flatMap(text => {
      const error = done(daemon, datapath, text, name)
      return error === undefined ? [] : [`ovs-vswitchd: ${error}`]
    })
    return wrong.length === 0 ? reply('') : refuse(lines(wrong))
  }

const isOwn = (daemon: Vswitchd, datapath: Datapath): boolean => datapath === daemon.switch.datapath

const addPorts = each((daemon, datapath, text, said) => {
  const { name, type = 'system', number } = interfaceOf(text)
  const { log } = daemon.switch
  if (!daemon.interfaceTypes.includes(type)) {
    log('netdev', 'warn', `could not create netdev ${name} of unknown type ${type}`)
    return `${name}: failed to open network device (${unknownType})`
  }
  const same = typeOfDevice(daemon, name)
  if (same !== undefined && same !== type) return `${name}: failed to open network device (File exists)`
  const error =
    portOf(datapath, name) !== undefined
      ? 'File exists'
      : number !== undefined && datapath.ports().has(number)
        ? busy
        : undefined
  if (error !== undefined) {
    log('dpif', 'warn', `${datapath.name}: failed to add ${name} as port: ${error}`)
    return `adding ${name} to ${said} failed (${error})`
  }
  if (!isOwn(daemon, datapath)) datapath.addPort(deviceOf(name, type), number ?? dummyNumber(name))
  return undefined
})

/** The type of a device that some datapath has. */
const typeOfDevice = (daemon: Vswitchd, name: string): string | undefined => {
  const all = [daemon.switch.datapath, ...settingsOf(daemon).datapaths.values()]
  return all.flatMap(datapath => [...datapath.ports().values()]).find(vport => vport.name === name)?.type
}

const portOf = (datapath: Datapath, name: string): [number, Vport] | undefined =>
  [...datapath.ports()].find(([, vport]) => vport.name === name)

const changePorts = each((_daemon, datapath, text, said) => {
  const { name, type, number } = interfaceOf(text)
  const found = portOf(datapath, name)
  if (found === undefined) return `${name}: failed to query port in ${said} (No such device)`
  const [present, vport] = found
  if (type !== undefined && type !== vport.type) return `${name}: can't change type from ${vport.type} to ${type}`
  if (number !== undefined && number !== present)
    return `${name}: can't change port number from ${present} to ${number}`
  return undefined
})

const removePorts = each((daemon, datapath, text, said) => {
  const isNumber = /^[0-9]+$/.test(text)
  const number = isNumber ? Number(text) : portOf(datapath, text)?.[0]
  if (number === undefined) return `no port named ${text}`
  const error = number === 0 ? 'Invalid argument' : datapath.ports().has(number) ? undefined : 'No such device'
  if (error !== undefined) {
    daemon.switch.log('dpif', 'warn', `${datapath.name}: port_del failed (${error})`)
    return `deleting port ${text} from ${said} failed (${error})`
  }
  if (!isOwn(daemon, datapath)) datapath.removePort(number)
  else daemon.hand.loseDevice(datapath.ports().get(number)?.name ?? '')
  return undefined
})

export const datapathsCommands: UnixctlCommands = {
  'dpctl/add-dp': command('dp [iface...]', 1, add),
  'dpctl/del-dp': { ...command('dp', 1, remove), max: 1 },
  'dpctl/add-if': command('dp iface...', 2, addPorts),
  'dpctl/del-if': command('dp iface...', 2, removePorts),
  'dpctl/set-if': command('dp iface...', 2, changePorts),
}
