import { describe, expect, test } from 'vitest'
import { twoHosts } from '../net.testing.ts'

const usage = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
	  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
	  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
	  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
	  [destination] [port]
`

describe('nc', () => {
  test('carries what is said, both ways, and ends with the peer', () => {
    const { text } = twoHosts()
    text('echo hello from there > /tmp/there')
    text('ip netns exec far nc -lv 10.0.0.2 8085 < /tmp/there > /tmp/got 2>&1 & sleep 0.1')
    expect(text('echo hi | nc -v -N -w 1 10.0.0.2 8085')).toBe(
      'hello from there\nConnection to 10.0.0.2 8085 port [tcp/*] succeeded!\n',
    )
    expect(text('sleep 2; cat /tmp/got').replace(/\d{5}/, 'P')).toBe(
      'Listening on 10.0.0.2 8085\nConnection received on 10.0.0.1 P\nhi\n',
    )
  })

  test('carries a file of any size as it is', () => {
    const { text } = twoHosts()
    text('seq 1 200000 > /tmp/big; ip netns exec far nc -l 9 > /tmp/copy & sleep 0.1')
    text('nc -N 10.0.0.2 9 < /tmp/big; sleep 1')
    expect(text('wc -c < /tmp/copy')).toBe(text('wc -c < /tmp/big'))
    expect(text('tail -1 /tmp/copy')).toBe('200000\n')
  })

  test('looks which ports are open', () => {
    const { text, status } = twoHosts()
    text('ip netns exec far nc -lvk -p 8086 > /tmp/log 2>&1 & sleep 0.1')
    expect(text('nc -zv 10.0.0.2 8085-8087')).toBe(
      `nc: connect to 10.0.0.2 port 8085 (tcp) failed: Connection refused
Connection to 10.0.0.2 8086 port [tcp/*] succeeded!
nc: connect to 10.0.0.2 port 8087 (tcp) failed: Connection refused
`,
    )
    expect(status('nc -z 10.0.0.2 8086')).toBe(0)
    expect(status('nc -z 10.0.0.2 81')).toBe(1)
    expect(text('nc -z 10.0.0.2 81')).toBe('')
    expect(text('nc -zv 10.0.0.2 http')).toBe('nc: connect to 10.0.0.2 port 80 (tcp) failed: Connection refused\n')
    expect(text('sleep 0.1; grep -c received /tmp/log')).toBe('2\n')
    expect(text('nc -v -w 1 10.0.0.9 80')).toBe(
      'nc: connect to 10.0.0.9 port 80 (tcp) timed out: Operation now in progress\n',
    )
  })

  test('speaks UDP', () => {
    const { text, status } = twoHosts()
    text('ip netns exec far nc -luv 53 > /tmp/got 2>&1 & sleep 0.1')
    expect(status('echo question | nc -u -w 1 10.0.0.2 53')).toBe(0)
    expect(text('cat /tmp/got').replace(/\d{5}/, 'P')).toBe(
      'Bound on 0.0.0.0 53\nConnection received on 10.0.0.1 P\nquestion\n',
    )
    // The first one is spoken with alone.
    text('ip netns exec far nc -lu 55 > /dev/null & sleep 0.1')
    expect([status('nc -zu 10.0.0.2 54'), status('nc -zu 10.0.0.2 53'), status('nc -zu 10.0.0.2 55')]).toEqual([
      1, 1, 0,
    ])
  })

  test.each([
    ['nc', usage],
    ['nc -Q', `nc: invalid option -- 'Q'\n${usage}`],
    ['nc -p', `nc: option requires an argument -- 'p'\n${usage}`],
    ['nc 127.0.0.1', 'nc: missing port number\n'],
    ['nc -l', 'nc: missing port number\n'],
    ['nc 127.0.0.1 abc', 'nc: port number invalid: abc\n'],
    ['nc nosuch.host 80', 'nc: getaddrinfo for host "nosuch.host" port 80: Temporary failure in name resolution\n'],
  ])('%s is refused', (line, said) => {
    const host = twoHosts()
    expect([host.text(line), host.status(line)]).toEqual([said, 1])
  })

  test('a port that is in use', () => {
    const { text } = twoHosts()
    expect(text('nc -l 80 & sleep 0.1; nc -l 80')).toBe('nc: Address already in use\n')
  })
})
