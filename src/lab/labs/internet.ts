/**
 * A small internet for labs: a router as people have it at home, with DHCP, DNS and address translation, and behind it one machine
 * that is all the rest of the world. All of it is made of the machines' own programs, so a lab's user can look at them and break them.
 */
import type { Network } from '../network.ts'

/** Who is there, besides the router: they answer pings, and port 80. 8.8.8.8 is asked for names. */
export const sites: Readonly<Record<string, string>> = {
  'google.com': '142.250.74.110',
  'www.google.com': '142.250.74.100',
  'dns.google': '8.8.8.8',
  'example.com': '93.184.215.14',
  'www.openvswitch.org': '104.18.27.120',
  'mininet.org': '185.199.108.153',
}

const near = { bandwidth: 1e9, delay: 100_000 }
const far = { bandwidth: 1e9, delay: 5_000_000 }

const page = `<!doctype html>
<title>The internet</title>
<p>This is the internet, as far as a lab has one: ${Object.keys(sites).join(', ')}.</p>
`

/** The domains that the world knows all about: what it does not know in them there is not. */
const domains = ['com', 'org', 'net', 'google', 'in-addr.arpa', 'ip6.arpa']

/**
 * Adds a machine that is the rest of the world, with a cable to a NIC, and starts what it serves. It is 203.0.113.1 there, where
 * that NIC's machine may be 203.0.113.2.
 */
export const addWorld = (net: Network, nic: string, internet = 'internet'): void => {
  const world = net.machine(internet)
  net.cable(nic, `${internet}:eth0`, far)
  world.files.mkdirAll(world.init, '/srv/www')
  world.files.write(world.init, '/srv/www/index.html', page)
  const addresses = Object.values(sites).map(ip => `ip addr add ${ip}/32 dev lo`)
  const records = Object.entries(sites).map(([name, ip]) => `--host-record=${name},${ip},300`)
  const local = domains.map(domain => `--local=/${domain}/`)
  net.type(
    internet,
    `ip addr add 203.0.113.1/24 dev eth0
     ip link set eth0 up
     ${addresses.join('\n')}
     dnsmasq --no-resolv --no-hosts ${[...records, ...local].join(' ')}
     python3 -m http.server 80 -d /srv/www > /dev/null 2>&1 &`,
  )
}

/**
 * Adds a router with a cable from its `eth0` to a host's NIC, and `internet` behind it, and starts what they serve. The router is
 * 10.0.2.2, and lends 10.0.2.15 and those behind it.
 */
export const addInternet = (net: Network, nic: string, router: string, internet?: string): void => {
  net.machine(router)
  net.cable(nic, `${router}:eth0`, near)
  addWorld(net, `${router}:eth1`, internet)
  net.type(
    router,
    `ip addr add 10.0.2.2/24 dev eth0
     ip link set eth0 up
     ip addr add 203.0.113.2/24 dev eth1
     ip link set eth1 up
     ip route add default via 203.0.113.1
     sysctl -q -w net.ipv4.ip_forward=1
     iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE
     dnsmasq -i eth0 --no-resolv --no-hosts --server=8.8.8.8 --dhcp-sequential-ip --dhcp-range=10.0.2.15,10.0.2.30,24h`,
  )
}
