import { describe, expect, test } from 'vitest'
import { twoHosts } from '../net.testing.ts'
import { Dots, humanSize, humanTime, speed } from './wget-progress.ts'

/** A web server on 10.0.0.2 port 8000; the place to be is /tmp/w. */
const served = () => {
  const host = twoHosts()
  host.text(
    'mkdir -p /srv/docs /tmp/w; echo hello > /srv/hello.txt; seq 1 100000 > /srv/big; echo "<p>" > /srv/docs/index.html',
  )
  host.text('ip netns exec far python3 -m http.server -d /srv > /tmp/log 2>&1 & sleep 0.1; cd /tmp/w')
  return { ...host, text: (line: string): string => plain(host.text(`cd /tmp/w; ${line}`)) }
}

/** Without what depends on the clock. */
const plain = (text: string): string =>
  text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'T').replaceAll(/(Date|Last-Modified): .*/g, '$1: D')

/** A server that gives each connection the next of some answers, and keeps what it was asked in /tmp/asked. */
const answering = (...answers: string[]) => {
  const host = twoHosts()
  answers.forEach((words, i) => {
    host.text(`printf '${words}' > /tmp/answer${i}`)
  })
  const serve = answers.map((_, i) => `ip netns exec far nc -lN 80 < /tmp/answer${i} >> /tmp/asked`).join('; ')
  host.text(`mkdir -p /tmp/w; (${serve}) & sleep 0.1`)
  return { ...host, text: (line: string): string => plain(host.text(`cd /tmp/w; ${line}`)) }
}

const asking = (path: string): string => `--T--  http://10.0.0.2:8000/${path}
Connecting to 10.0.0.2:8000... connected.
HTTP request sent, awaiting response... `

describe('wget and python3 -m http.server', () => {
  test('a file, and the same again', () => {
    const { text } = served()
    const fetched = (name: string): string => `${asking('hello.txt')}200 OK
Length: 6 [text/plain]
Saving to: '${name}'

     0K                                                       100% 11.2G=0s

T (11.2 GB/s) - '${name}' saved [6/6]

`
    expect(text('wget http://10.0.0.2:8000/hello.txt')).toBe(fetched('hello.txt'))
    expect(text('wget 10.0.0.2:8000/hello.txt')).toBe(fetched('hello.txt.1'))
    expect(text('wget -nc http://10.0.0.2:8000/hello.txt')).toBe("File 'hello.txt' already there; not retrieving.\n\n")
    expect(text('wget -q -nc http://10.0.0.2:8000/hello.txt; ls')).toBe('hello.txt\nhello.txt.1\n')
  })

  test('to standard output, with -nv and with a log', () => {
    const { text } = served()
    expect(text('wget -qO- http://10.0.0.2:8000/hello.txt')).toBe('hello\n')
    expect(text('wget -O - http://10.0.0.2:8000/hello.txt')).toMatch(
      /^hello\n--T--[\s\S]*Saving to: 'STDOUT'\n[\s\S]*T \(.*\) - written to stdout \[6\/6\]\n\n$/,
    )
    expect(text('wget -nv -O - http://10.0.0.2:8000/hello.txt')).toBe(
      'hello\nT URL:http://10.0.0.2:8000/hello.txt [6/6] -> "-" [1]\n',
    )
    expect(text('wget -o log http://10.0.0.2:8000/hello.txt')).toBe('')
    expect(text('cat log')).toContain("Saving to: 'hello.txt'\n")
  })

  test('dots', () => {
    const { text } = served()
    const said = text('tc qdisc add dev e0 root netem delay 10ms; wget http://10.0.0.2:8000/big')
    expect(said).toContain('Length: 588895 (575K) [application/octet-stream]\n')
    const rows = said.split('\n').filter(line => /^ +\d+K/.test(line))
    expect(rows).toHaveLength(12)
    expect(rows[0]).toMatch(/^ {5}0K( \.{10}){5} {2}8% +[\d.]+[ KMGT] \d+s$/)
    expect(rows[11]).toMatch(/^ {3}550K \.{10} \.{10} \.{5} {27}100% +[\d.]+[ KMGT]=0(\.\d+)?s$/)
    expect(said).toMatch(/\nT \(.*B\/s\) - 'big' saved \[588895\/588895\]\n\n$/)
    expect(text('tail -1 big; wc -c < big')).toMatch(/^100000\n588895\n/)
  })

  test('a directory without its slash, and -P', () => {
    const { text } = served()
    const said = text('wget -P a/b http://10.0.0.2:8000/docs; cat a/b/docs')
    expect(said).toContain(`${asking('docs')}301 Moved Permanently
Location: /docs/ [following]
${asking('docs/')}200 OK
Length: 4 [text/html]
Saving to: 'a/b/docs'
`)
    expect(text('cat a/b/docs')).toBe('<p>\n')
    expect(text('wget -q 10.0.0.2:8000/docs/; cat index.html')).toBe('<p>\n')
    expect(text('wget --max-redirect=0 http://10.0.0.2:8000/docs')).toMatch(/\n0 redirections exceeded\.\n$/)
  })

  test('what is not there', () => {
    const { text, status } = served()
    expect(text('wget http://10.0.0.2:8000/none')).toBe(
      `${asking('none')}404 File not found\nT ERROR 404: File not found.\n\n`,
    )
    expect(text('wget -nv http://10.0.0.2:8000/none')).toBe(
      'http://10.0.0.2:8000/none:\nT ERROR 404: File not found.\n',
    )
    expect([status('wget -q http://10.0.0.2:8000/none'), text('ls')]).toEqual([8, ''])
    expect(text('wget http://10.0.0.2:8000/none http://10.0.0.2:8000/hello.txt')).toMatch(
      /\nFINISHED --T--\nTotal wall clock time: 0s\nDownloaded: 1 files, 6 in 0s \(11\.2 GB\/s\)\n$/,
    )
  })

  test('--spider and -S', () => {
    const { text, status } = served()
    expect(text('wget --spider http://10.0.0.2:8000/hello.txt')).toBe(
      `Spider mode enabled. Check if remote file exists.\n${asking('hello.txt')}200 OK
Length: 6 [text/plain]
Remote file exists.

`,
    )
    expect(text('wget --spider http://10.0.0.2:8000/none')).toMatch(
      /404 File not found\nRemote file does not exist -- broken link!!!\n\n$/,
    )
    expect(status('wget -q --spider http://10.0.0.2:8000/none')).toBe(8)
    expect(text('wget --spider http://10.0.0.2:8000/docs/')).toContain(
      'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n',
    )
    expect(text('wget -S -O /dev/null http://10.0.0.2:8000/hello.txt')).toContain(
      'awaiting response... \n  HTTP/1.0 200 OK\n  Server: SimpleHTTP/0.6 Python/3.11.2\n  Date: D\n',
    )
  })

  test('-O gathers documents; -c leaves a whole one alone', () => {
    const { text } = served()
    expect(text('wget -q -O all 10.0.0.2:8000/hello.txt 10.0.0.2:8000/hello.txt; cat all')).toBe('hello\nhello\n')
    expect(text('wget -q 10.0.0.2:8000/hello.txt; wget -c http://10.0.0.2:8000/hello.txt; cat hello.txt')).toBe(
      `hello\n${asking('hello.txt')}200 OK\n\n    The file is already fully retrieved; nothing to do.\n\n`,
    )
  })
})

describe('wget and servers of other kinds', () => {
  const begun = (note: string): string => `--T--  ${note}http://10.0.0.2/d
Connecting to 10.0.0.2:80... connected.
HTTP request sent, awaiting response... `

  test('a connection that ends too early is made again, for the rest', () => {
    const { text } = answering(
      'HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nhello',
      'HTTP/1.1 206 Partial\\r\\nContent-Range: bytes 5-9/10\\r\\nContent-Length: 5\\r\\n\\r\\nworld',
    )
    expect(text('wget http://10.0.0.2/d')).toBe(`${begun('')}200 OK
Length: 10
Saving to: 'd'

     0K                                                        50% 9.31G=0s

T (9.31 GB/s) - Connection closed at byte 5. Retrying.

${begun('(try: 2)  ')}206 Partial
Length: 10, 5 remaining
Saving to: 'd'

     0K
     0K                                                       100% 9.31G=0s

T (9.31 GB/s) - 'd' saved [10/10]

`)
    expect(text('cat d')).toBe('helloworld')
    expect(text('cat /tmp/asked')).toContain(
      'GET /d HTTP/1.1\r\nHost: 10.0.0.2\r\nRange: bytes=5-\r\nUser-Agent: Wget/1.21.3\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: Keep-Alive\r\n\r\n',
    )
  })

  test('-c asks for the rest', () => {
    const { text } = answering('HTTP/1.1 206 Partial Content\\r\\nContent-Length: 3\\r\\n\\r\\nlo\\n')
    text('printf hel > d')
    expect(text('wget -c http://10.0.0.2/d')).toContain('Length: 6, 3 remaining\n')
    expect(text('cat d')).toBe('hello\n')
  })

  test('chunks, without a length; --header and --user-agent', () => {
    const { text } = answering(
      'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n3\\r\\n it\\r\\n0\\r\\n\\r\\n',
    )
    expect(text("wget --user-agent=me --header='X-One: 1' http://10.0.0.2/d; cat d")).toMatch(
      /^hello it--T--[\s\S]*Length: unspecified\nSaving to: 'd'\n\n {5}0K {56}14\.9G=0s\n\nT \(14\.9 GB\/s\) - 'd' saved \[8\]\n\n$/,
    )
    expect(text('cat /tmp/asked')).toMatch(/User-Agent: me\r\n[\s\S]*Connection: Keep-Alive\r\nX-One: 1\r\n\r\n$/)
  })

  test('nothing, silence, and a wish for a password', () => {
    expect(answering('', '').text('wget -t 2 http://10.0.0.2/d')).toBe(
      `${begun('')}No data received.\nRetrying.\n\n${begun('(try: 2)  ')}No data received.\nGiving up.\n\n`,
    )
    const silent = twoHosts()
    silent.text('sleep 100 | ip netns exec far nc -l 80 > /dev/null & sleep 0.1')
    expect(plain(silent.text('wget -T 1 -t 1 http://10.0.0.2/d'))).toBe(
      `${begun('')}Read error (Connection timed out) in headers.\nGiving up.\n\n`,
    )
    const closed = answering('HTTP/1.1 401 Unauthorized\\r\\nContent-Length: 0\\r\\n\\r\\n')
    expect(closed.text('wget http://10.0.0.2/d; echo $?')).toBe(
      `6\n${begun('')}401 Unauthorized\n\nUsername/Password Authentication Failed.\n`,
    )
  })
})

const usage = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"

test.each([
  ['wget', `wget: missing URL\n${usage}`, 1],
  ['wget --bogus', `wget: unrecognized option '--bogus'\n${usage}`, 2],
  ['wget -Z', `wget: invalid option -- 'Z'\n${usage}`, 2],
  ['wget -O', `wget: option requires an argument -- 'O'\n${usage}`, 2],
  ['wget -T x http://10.0.0.2', "wget: --timeout: Invalid time period 'x'\n", 2],
  ['wget --header=foo http://10.0.0.2/', "wget: --header: Invalid header 'foo'.\n", 2],
  ['wget foo://x', "foo://x: Unsupported scheme 'foo'.\n", 1],
  ['wget https://x/', 'https://x/: HTTPS support not compiled in.\n', 1],
  ['wget http://', 'http://: Invalid host name.\n', 1],
  ['wget http://10.0.0.2:99999/', 'http://10.0.0.2:99999/: Bad port number.\n', 1],
  ['wget -O x/y http://10.0.0.2/', 'x/y: No such file or directory\n', 1],
  ['wget -nv http://10.0.0.2:81/', 'failed: Connection refused.\n', 4],
  [
    'wget http://10.0.0.2:81/',
    '--T--  http://10.0.0.2:81/\nConnecting to 10.0.0.2:81... failed: Connection refused.\n',
    4,
  ],
  ['wget -nv http://nosuch.host/', "wget: unable to resolve host address 'nosuch.host'\n", 4],
  ['wget http://9.9.9.9/', '--T--  http://9.9.9.9/\nConnecting to 9.9.9.9:80... failed: Network is unreachable.\n', 4],
])('%s fails as it does', (line, said, status) => {
  const host = twoHosts()
  expect([plain(host.text(line)), host.status(line)]).toEqual([said, status])
})

test('a connection that takes too long is tried again', () => {
  const host = twoHosts()
  host.text('ip netns exec far iptables -A INPUT -p tcp -j DROP')
  const line = '--T--  http://10.0.0.2/\nConnecting to 10.0.0.2:80... failed: Connection timed out.\n'
  expect(plain(host.text('wget -T 1 -t 2 http://10.0.0.2/'))).toBe(
    `${line}Retrying.\n\n${line.replace('--  ', '--  (try: 2)  ')}Giving up.\n\n`,
  )
})

test('sizes, speeds and times', () => {
  expect([1000, 2048, 195000, 300000, 5e6].map(humanSize)).toEqual(['1000', '2.0K', '190K', '293K', '4.8M'])
  expect([speed(0, 1), speed(3, 0.0422), speed(300000, 0.0032)]).toEqual(['0.00 B/s', '71.1 B/s', '89.4 MB/s'])
  expect([0.0001, 0.0422, 1.23, 42, 100, 7200].map(humanTime)).toEqual([
    '0s',
    '0.04s',
    '1.2s',
    '42s',
    '1m 40s',
    '2h 0m 0s',
  ])
})

test('dots behind what is there already', () => {
  const dots = new Dots(100000, 300000)
  expect(dots.begin()).toBe(`\n        [ skipping 50K ]\n    50K ${',,,,,,,,,, '.repeat(4)},,,,,,,`)
  expect(dots.draw(200000, 1).split('\n')[0]).toBe('... 34% 2.34K 82s')
})
