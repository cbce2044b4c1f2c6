/** dig, host and nslookup at a dnsmasq; what they print is what BIND 9.18's print at dnsmasq 2.90 with the same options. */
import { describe, expect, test } from 'vitest'
import { twoHosts } from '../net.testing.ts'

const options =
  '--local=/lab/ --local=/10.in-addr.arpa/ --host-record=www.lab,10.0.2.77 --host-record=six.lab,fd00::1 --cname=web.lab,www.lab --mx-host=lab,www.lab,5 --txt-record=lab,hello --address=/google.com/142.250.0.1'

const world = () => {
  const made = twoHosts()
  made.text(`ip netns exec far dnsmasq --no-resolv --no-hosts ${options}`)
  return made
}
const masked = (text: string): string =>
  text
    .replace(/id: \d+/g, 'id: ID')
    .replace(/WHEN: .*/g, 'WHEN: T')
    .replace(/(time: |in )\d+/g, '$1N')

describe('dig', () => {
  test('shows all of an answer', () => {
    expect(masked(world().text('dig @10.0.0.2 google.com'))).toBe(`
; <<>> DiG 9.18.49-1~deb12u3-Debian <<>> @10.0.0.2 google.com
; (1 server found)
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: ID
;; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
;; QUESTION SECTION:
;google.com.			IN	A

;; ANSWER SECTION:
google.com.		0	IN	A	142.250.0.1

;; Query time: N msec
;; SERVER: 10.0.0.2#53(10.0.0.2) (UDP)
;; WHEN: T
;; MSG SIZE  rcvd: 55

`)
  })

  test('of a refusal, with its reason', () => {
    const text = world().text('dig @10.0.0.2 google.com MX +nocmd')
    expect(text).toContain('status: REFUSED')
    expect(text).toContain(
      '; EDNS: version: 0, flags:; udp: 1232\n; EDE: 14 (Not Ready)\n;; QUESTION SECTION:\n;google.com.\t\t\tIN\tMX\n',
    )
    expect(text).toContain(';; MSG SIZE  rcvd: 45\n')
  })

  test.each([
    ['+short google.com', '142.250.0.1\n'],
    ['google.com nosuch.lab +short', '142.250.0.1\n'],
    ['+noall +answer www.lab', 'www.lab.\t\t0\tIN\tA\t10.0.2.77\n'],
    ['+noall +answer web.lab', 'web.lab.\t\t0\tIN\tCNAME\twww.lab.\nwww.lab.\t\t0\tIN\tA\t10.0.2.77\n'],
    ['+noall +answer lab MX', 'lab.\t\t\t0\tIN\tMX\t5 www.lab.\n'],
    ['+noall +answer lab TXT +tcp', 'lab.\t\t\t0\tIN\tTXT\t"hello"\n'],
    ['+noall +answer -x 10.0.2.77', '77.2.0.10.in-addr.arpa.\t0\tIN\tPTR\twww.lab.\n'],
    ['+noall +answer version.bind chaos txt', 'version.bind.\t\t0\tCH\tTXT\t"dnsmasq-2.90"\n'],
    [
      '+noall +answer -x fd00::1',
      '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. 0 IN PTR six.lab.\n',
    ],
  ])('%s', (words, wanted) => {
    expect(world().text(`dig @10.0.0.2 ${words}`)).toBe(wanted)
  })

  test.each([
    ['nosuch.lab', 'status: NXDOMAIN', 'flags: qr rd ra;'],
    ['www.lab AAAA', 'status: NOERROR', 'flags: qr rd ra;'],
    ['google.com +norecurse', 'status: NOERROR', 'flags: qr aa ra;'],
    ['google.com any', 'status: NOERROR', '(TCP)'],
    ['google.com +dnssec', '; EDNS: version: 0, flags: do; udp: 1232', 'rcvd: 55'],
    ['google.com +noedns', 'ADDITIONAL: 0', 'rcvd: 44'],
  ])('%s', (words, ...wanted) => {
    const text = world().text(`dig @10.0.0.2 ${words}`)
    for (const each of wanted) expect(text).toContain(each)
  })

  test('of nobody', () => {
    const { text, status } = world()
    expect(
      text('dig @10.0.0.9 google.com +time=1'),
    ).toBe(`${';; communications error to 10.0.0.9#53: timed out\n'.repeat(3)}
; <<>> DiG 9.18.49-1~deb12u3-Debian <<>> @10.0.0.9 google.com +time=1
; (1 server found)
;; global options: +cmd
;; no servers could be reached
`)
    expect(status('dig @10.0.0.9 google.com +time=1')).toBe(9)
    expect(text('dig @10.0.0.2 -p 5353 google.com +tries=1')).toContain('10.0.0.2#5353: connection refused\n')
  })

  test('mistakes', () => {
    const { text } = world()
    expect(text('dig -Q')).toMatch(/^Invalid option: -Q\nUsage: {2}dig \[@global-server\]/)
    expect(text('dig +foo')).toMatch(/^Invalid option: \+foo\n/)
    expect(text('dig @nosuch google.com')).toBe("dig: couldn't get address for 'nosuch': failure\n")
    expect(text('dig @10.0.0.2 -t nosuch +short google.com')).toBe(
      ';; Warning, ignoring invalid type nosuch\n142.250.0.1\n',
    )
  })
})

const using = 'Using domain server:\nName: 10.0.0.2\nAddress: 10.0.0.2#53\nAliases: \n\n'

test.each([
  ['www.lab', 'www.lab has address 10.0.2.77\n', 0],
  ['web.lab', 'web.lab is an alias for www.lab.\nwww.lab has address 10.0.2.77\n', 0],
  ['six.lab', 'six.lab has IPv6 address fd00::1\n', 0],
  ['lab', 'lab mail is handled by 5 www.lab.\n', 0],
  ['-t txt lab', 'lab descriptive text "hello"\n', 0],
  ['-t mx www.lab', 'www.lab has no MX record\n', 0],
  ['nosuch.lab', 'Host nosuch.lab not found: 3(NXDOMAIN)\n', 1],
  ['10.0.2.77', '77.2.0.10.in-addr.arpa domain name pointer www.lab.\n', 0],
  ['10.0.2.78', 'Host 78.2.0.10.in-addr.arpa. not found: 3(NXDOMAIN)\n', 1],
  [
    'google.com',
    'google.com has address 142.250.0.1\nHost google.com not found: 5(REFUSED)\nHost google.com not found: 5(REFUSED)\n',
    1,
  ],
])('host %s', (words, wanted, status) => {
  const made = world()
  expect(made.text(`host ${words} 10.0.0.2`)).toBe(using + wanted)
  expect(made.status(`host ${words} 10.0.0.2`)).toBe(status)
})

test('host -a, and nobody there', () => {
  const { text } = world()
  expect(masked(text('host -a google.com 10.0.0.2'))).toBe(`Trying "google.com"
${using};; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: ID
;; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0

;; QUESTION SECTION:
;google.com.			IN	ANY

;; ANSWER SECTION:
google.com.		0	IN	A	142.250.0.1

Received 44 bytes from 10.0.0.2#53 in N ms
`)
  expect(text('host -W 1 google.com 10.0.0.9')).toBe(
    `${';; communications error to 10.0.0.9#53: timed out\n'.repeat(2)};; no servers could be reached\n`,
  )
})

const server = 'Server:\t\t10.0.0.2\nAddress:\t10.0.0.2#53\n\n'

test.each([
  ['www.lab', `${server}Name:\twww.lab\nAddress: 10.0.2.77\n\n`, 0],
  ['web.lab', `${server}web.lab\tcanonical name = www.lab.\nName:\twww.lab\nAddress: 10.0.2.77\n\n`, 0],
  ['nosuch.lab', `${server}** server can't find nosuch.lab: NXDOMAIN\n\n`, 1],
  ['-type=mx lab', `${server}lab\tmail exchanger = 5 www.lab.\n\n`, 0],
  ['-type=txt lab', `${server}lab\ttext = "hello"\n\n`, 0],
  ['six.lab', `${server}Non-authoritative answer:\nName:\tsix.lab\nAddress: fd00::1\n\n`, 0],
  ['10.0.2.77', '77.2.0.10.in-addr.arpa\tname = www.lab.\n\n', 0],
  ['10.0.2.78', "** server can't find 78.2.0.10.in-addr.arpa: NXDOMAIN\n\n", 1],
  ['google.com', `${server}Name:\tgoogle.com\nAddress: 142.250.0.1\n** server can't find google.com: REFUSED\n\n`, 1],
  [
    '-type=mx www.lab',
    `${server}Non-authoritative answer:\n*** Can't find www.lab: No answer\n\nAuthoritative answers can be found from:\n\n`,
    0,
  ],
])('nslookup %s', (words, wanted, status) => {
  const made = world()
  expect(made.text(`nslookup ${words} 10.0.0.2`)).toBe(wanted)
  expect(made.status(`nslookup ${words} 10.0.0.2`)).toBe(status)
})
