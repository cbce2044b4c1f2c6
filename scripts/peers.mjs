// The real tools that the interop tests run against, as Debian packages. Installed when missing, by root on Debian only.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { run } from './bootstrap.mjs'

const packages = [
  'bash',
  'bind9-dnsutils',
  'bind9-host',
  'bridge-utils',
  'bsdutils',
  'curl',
  'dash',
  'dnsmasq-base',
  'ethtool',
  'inetutils-telnet',
  'iperf',
  'iperf3',
  'iproute2',
  'iptables',
  'iputils-arping',
  'iputils-ping',
  'iputils-tracepath',
  'isc-dhcp-client',
  'mininet',
  'net-tools',
  'openssl',
  'openvswitch-common',
  'openvswitch-switch',
  'openvswitch-testcontroller',
  'procps',
  'python3-os-ken',
  'tcpdump',
  'traceroute',
  'tshark',
  'util-linux',
  'vlan',
  'wget',
]

const installed = name => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' })
  return status === 0 && stdout.includes('ok installed')
}

/** Makes the peers ready: undefined when they are there, otherwise the reason why interop tests cannot run here. */
export const preparePeers = () => {
  if (process.platform !== 'linux') return `not Linux but ${process.platform}`
  if (!existsSync('/etc/debian_version')) return 'not Debian'
  if (process.getuid() !== 0) return 'not root'
  const missing = packages.filter(name => !installed(name))
  if (missing.length === 0) return undefined
  console.log(`installing peers: ${missing.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'] }
  const install = () => run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], quiet)
  run('apt-get', ['update', '-q'], quiet)
  if (install() === 0) return undefined
  return `apt-get could not install ${missing.join(' ')}`
}
