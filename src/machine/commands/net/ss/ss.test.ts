import { describe, expect, test } from 'vitest'
import { parseIp } from '../../../../wire/address.ts'
import { twoHosts } from '../net.testing.ts'

/** A machine with listeners, connections with bytes that nobody read, and one in TIME_WAIT, on loopback. */
const busy = () => {
  const host = twoHosts()
  const { root } = host.machine.kernel
  const local = parseIp('127.0.0.1') as number
  const listener = root.tcpSocket()
  listener.bind(local, 8080)
  listener.listen(5)
  const six = root.tcpSocket(6)
  six.bind(undefined, 9090)
  six.listen(128)
  root.udpSocket().bind(undefined, 5353)
  const pairs = [0, 1].map(() => {
    const client = root.tcpSocket()
    client.connect(local, 8080)
    host.run('sleep 0.1')
    const accepted = listener.accept()
    if (!accepted.ok) throw new Error(accepted.errno)
    return { client, server: accepted.value }
  })
  const [one, two] = pairs
  one?.server.send(Uint8Array.of(1, 2, 3, 4, 5))
  one?.client.send(Uint8Array.of(1, 2, 3))
  two?.server.close()
  host.run('sleep 0.1')
  two?.client.close()
  root.tcpSocket().connect(local, 8080)
  host.run('sleep 0.1')
  return host
}

/** Ports that were drawn are five digits. */
const plain = (text: string): string => text.replaceAll(/\b[3-6]\d{4}\b/g, 'NNNNN')

describe('ss', () => {
  test('lays out its table as iproute2 does', () => {
    const { text } = busy()
    expect(plain(text('ss -tan'))).toBe(
      `State     Recv-Q Send-Q Local Address:Port  Peer Address:Port Process
LISTEN    1      5          127.0.0.1:8080       0.0.0.0:*           
ESTAB     5      0          127.0.0.1:NNNNN    127.0.0.1:8080        
ESTAB     3      0          127.0.0.1:8080     127.0.0.1:NNNNN       
ESTAB     0      0          127.0.0.1:NNNNN    127.0.0.1:8080        
ESTAB     0      0          127.0.0.1:8080     127.0.0.1:NNNNN       
TIME-WAIT 0      0          127.0.0.1:8080     127.0.0.1:NNNNN       
LISTEN    0      128                *:9090             *:*           
`,
    )
    expect(text('ss -tuln')).toBe(
      `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
udp   UNCONN 0      0            0.0.0.0:5353      0.0.0.0:*          
tcp   LISTEN 1      5          127.0.0.1:8080      0.0.0.0:*          
tcp   LISTEN 0      128                *:9090            *:*          
`,
    )
    expect(plain(text('ss -tanH sport = :8080 | head -2'))).toBe(
      'LISTEN    1      5      127.0.0.1:8080   0.0.0.0:*    \nESTAB     3      0      127.0.0.1:8080 127.0.0.1:NNNNN\n',
    )
    expect(text('ss -tl')).toContain('127.0.0.1:http-alt')
  })

  test('takes filters', () => {
    const { text } = busy()
    const count = (words: string): number => Number(text(`ss -tanH ${words} | wc -l`))
    expect(count('state established')).toBe(4)
    expect(count('state time-wait')).toBe(1)
    expect(count('state connected exclude established')).toBe(1)
    expect(count("'( sport = :8080 or sport = :9090 )' and not dport = :8080")).toBe(5)
    expect(count('dst 127.0.0.0/8')).toBe(5)
    expect(count('src 127.0.0.1:8080')).toBe(4)
    expect(count('sport gt :8081')).toBe(3)
    expect(text('ss -tn state established | head -1')).toBe(
      'Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n',
    )
    expect(text('ss -t state wrong')).toBe('ss: wrong state name: wrong\n')
    expect(text('ss -t dst nobody')).toContain('Error: an inet prefix is expected rather than "nobody".')
    expect(text('ss -t foo')).toContain('ss: bison bellows')
    expect(text('ss --bad')).toMatch(/^ss: unrecognized option '--bad'\nUsage: ss \[ OPTIONS \]\n/)
  })

  test('tells of insides, timers and sums', () => {
    const { text } = busy()
    expect(text('ss -tin | head -3')).toMatch(/\n\t cubic rto:\d+ rtt:\S+ mss:\d+ rcvmss:\d+ cwnd:10/)
    expect(text('ss -tano state time-wait')).toMatch(/timer:\(timewait,59sec,0\)/)
    expect(text('ss -s')).toBe(
      `Total: 7
TCP:   7 (estab 4, closed 1, orphaned 0, timewait 1)

Transport Total     IP        IPv6
RAW\t  0         0         0        
UDP\t  1         1         0        
TCP\t  6         5         1        
INET\t  7         6         1        
FRAG\t  0         0         0        

`,
    )
  })
})

test('netstat shows the same sockets in its way', () => {
  const { text } = busy()
  expect(plain(text('netstat -tan'))).toBe(
    `Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State      
tcp        1      0 127.0.0.1:8080          0.0.0.0:*               LISTEN     
tcp        5      0 127.0.0.1:NNNNN         127.0.0.1:8080          ESTABLISHED
tcp        3      0 127.0.0.1:8080          127.0.0.1:NNNNN         ESTABLISHED
tcp        0      0 127.0.0.1:NNNNN         127.0.0.1:8080          ESTABLISHED
tcp        0      0 127.0.0.1:8080          127.0.0.1:NNNNN         ESTABLISHED
tcp        0      0 127.0.0.1:8080          127.0.0.1:NNNNN         TIME_WAIT  
tcp6       0      0 :::9090                 :::*                    LISTEN     
`,
  )
  expect(text('netstat -uln')).toBe(
    `Active Internet connections (only servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State      
udp        0      0 0.0.0.0:5353            0.0.0.0:*                          
`,
  )
  expect(text('netstat -tlp | head -3')).toContain(
    'PID/Program name    \ntcp        1      0 localhost:http-alt      0.0.0.0:*',
  )
  expect(text('netstat')).toContain('Active UNIX domain sockets (w/o servers)\nProto RefCnt Flags ')
  expect(text('netstat -Q')).toContain("netstat: invalid option -- 'Q'")
})

test('/proc/net/tcp has them in the kernel’s numbers', () => {
  const { text } = busy()
  const lines = text('cat /proc/net/tcp').split('\n')
  expect(lines[0]?.length).toBe(149)
  expect(lines[1]).toMatch(
    /^ {3}0: 0100007F:1F90 00000000:0000 0A 00000000:00000001 00:00000000 00000000 {5}0 {8}0 0 1 0{16} 100 0 0 10 0 +$/,
  )
  expect(lines[2]).toMatch(/^ {3}1: 0100007F:[0-9A-F]{4} 0100007F:1F90 01 00000000:00000005 00:/)
  expect(lines.find(line => line.includes(' 06 '))).toMatch(
    / 06 00000000:00000000 03:0000[0-9A-F]{4} 00000000 {5}0 {8}0 0 3 0{16} +$/,
  )
  expect(text('cat /proc/net/tcp6')).toMatch(/\n {3}0: 0{32}:2382 0{32}:0000 0A /)
  expect(text('cat /proc/net/udp')).toMatch(/\n {4}0: 00000000:14E9 00000000:0000 07 /)
  expect(text('grep Tcp: /proc/net/snmp | tail -1').split(' ')[9]).toBe('4')
  expect(text('grep TcpExt: /proc/net/netstat | head -1')).toContain('ListenDrops')
})
