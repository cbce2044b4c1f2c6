import type { Commands } from '../command.ts'
import type { FileSystem } from './file-system.ts'
import { type Viewer, virtual } from './node.ts'

const directories = [
  '/dev',
  '/etc',
  '/home',
  '/mnt',
  '/opt',
  '/proc',
  '/root',
  '/run',
  '/srv',
  '/sys',
  '/tmp',
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/var/lib',
  '/var/log',
  '/var/tmp',
]
const links = [
  ['usr/bin', '/bin'],
  ['usr/sbin', '/sbin'],
  ['/run', '/var/run'],
  ['/proc/self/mounts', '/etc/mtab'],
] as const

/** Programs that Debian keeps in /usr/sbin. */
const administration = new Set([
  'arp',
  'arping',
  'bridge',
  'dhclient',
  'dnsmasq',
  'ethtool',
  'ifconfig',
  'ip',
  'iptables',
  'route',
  'sysctl',
  'tc',
  'traceroute',
  'vtep-ctl',
])

/** What the standard files show of a machine. */
export type Facts = { hostname: () => string; uptime: () => number; setHostname: (name: string) => void }

/** Fills an empty file system as a small Debian has it: directories, /etc, /dev/null, a program file for each command. */
export const fill = (files: FileSystem, init: Viewer, facts: Facts, commands: Commands): void => {
  for (const path of directories) files.mkdirAll(init, path)
  for (const [target, path] of links) files.symlink(init, target, path)
  files.add(init, '/dev/null', { kind: 'device', device: 'null', mode: 0o666, changed: 0 })
  files.write(
    init,
    '/etc/hosts',
    `127.0.0.1\tlocalhost\n127.0.1.1\t${facts.hostname()}\n::1\tlocalhost ip6-localhost ip6-loopback\n`,
  )
  files.write(init, '/etc/hostname', `${facts.hostname()}\n`)
  files.write(init, '/etc/resolv.conf', '')
  files.write(init, '/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n')
  files.write(init, '/etc/shells', '/bin/sh\n/bin/bash\n')
  files.mkdirAll(init, '/proc/sys/kernel')
  files.add(
    init,
    '/proc/sys/kernel/hostname',
    virtual(
      () => `${facts.hostname()}\n`,
      text => {
        facts.setHostname(text.trim())
        return undefined
      },
    ),
  )
  files.add(
    init,
    '/proc/uptime',
    virtual(() => `${facts.uptime().toFixed(2)} 0.00\n`),
  )
  for (const name of Object.keys(commands).sort()) install(files, init, name)
}

/** Puts the program file of a command where Debian has it. */
export const install = (files: FileSystem, init: Viewer, name: string): void => {
  const path = `${administration.has(name) ? '/usr/sbin' : '/usr/bin'}/${name}`
  files.add(init, path, { ...virtual(() => ''), mode: 0o755, program: name })
}
