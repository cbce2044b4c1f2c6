import { describe, expect, test } from 'vitest'
import { twoHosts } from '../net.testing.ts'
import { parseUrl, redirected } from './url.ts'

/** A web server on 10.0.0.2 port 8000 with a few files; its log is in /tmp/log. */
const served = () => {
  const host = twoHosts()
  host.text(
    'mkdir -p /srv/docs; echo hello > /srv/hello.txt; seq 1 100000 > /srv/big; echo "<p>" > /srv/docs/index.html',
  )
  host.text('ip netns exec far python3 -m http.server -d /srv > /tmp/log 2>&1 & sleep 0.1')
  return host
}

describe('python3 -m http.server and curl', () => {
  test('a file', () => {
    const { text, status } = served()
    expect(text('curl http://10.0.0.2:8000/hello.txt')).toBe('hello\n')
    expect(text('curl -s 10.0.0.2:8000/big | tail -1')).toBe('100000\n')
    expect(text('curl -s -o /tmp/copy 10.0.0.2:8000/big; cmp /tmp/copy /srv/big; wc -c < /tmp/copy')).toContain(
      '588895\n',
    )
    expect(text('cd /tmp; curl -sO http://10.0.0.2:8000/hello.txt; cat hello.txt')).toBe('hello\n')
    expect(status('curl -s http://10.0.0.2:8000/hello.txt')).toBe(0)
    expect(text('head -2 /tmp/log').replace(/\[.*\]/, '[T]')).toBe(
      'Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...\n10.0.0.1 - - [T] "GET /hello.txt HTTP/1.1" 200 -\n',
    )
  })

  test('a directory, one with an index, and one without its slash', () => {
    const { text } = served()
    expect(text('curl -s http://10.0.0.2:8000/')).toBe(
      `<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Directory listing for /</title>
</head>
<body>
<h1>Directory listing for /</h1>
<hr>
<ul>
<li><a href="big">big</a></li>
<li><a href="docs/">docs/</a></li>
<li><a href="hello.txt">hello.txt</a></li>
</ul>
<hr>
</body>
</html>
`,
    )
    expect(text('curl -s http://10.0.0.2:8000/docs/')).toBe('<p>\n')
    expect(text("curl -s -o /dev/null -w '%{http_code} %{size_download}\\n' http://10.0.0.2:8000/docs")).toBe('301 0\n')
    expect(text('curl -sL http://10.0.0.2:8000/docs')).toBe('<p>\n')
    expect(text('curl -s http://10.0.0.2:8000/../../etc/hosts')).toContain('Error code: 404')
  })

  test('what is not there, and methods that are not', () => {
    const { text, status } = served()
    expect(text('curl -s http://10.0.0.2:8000/nope')).toBe(
      `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: 404</p>
        <p>Message: File not found.</p>
        <p>Error code explanation: 404 - Nothing matches the given URI.</p>
    </body>
</html>
`,
    )
    expect([text('curl -f 10.0.0.2:8000/nope'), status('curl -sf 10.0.0.2:8000/nope')]).toEqual([
      'curl: (22) The requested URL returned error: 404\n',
      22,
    ])
    expect(text('curl -sd a=b http://10.0.0.2:8000/')).toContain("Message: Unsupported method ('POST').")
    expect(text("tail -2 /tmp/log | sed 1q; grep -c 'code 404, message File not found' /tmp/log")).toContain('3\n')
  })

  test('heads, and what is said on the way', () => {
    const { text } = served()
    expect(text('curl -sI http://10.0.0.2:8000/hello.txt').replace(/(Date|Last-Modified): [^\r]*/g, '$1: T')).toBe(
      'HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.11.2\r\nDate: T\r\nContent-type: text/plain\r\nContent-Length: 6\r\nLast-Modified: T\r\n\r\n',
    )
    expect(text('curl -sv -A me -H "X-One: 1" http://10.0.0.2:8000/hello.txt 2>&1 > /dev/null | head -8')).toBe(
      `*   Trying 10.0.0.2:8000...
* Connected to 10.0.0.2 (10.0.0.2) port 8000 (#0)
> GET /hello.txt HTTP/1.1\r
> Host: 10.0.0.2:8000\r
> User-Agent: me\r
> Accept: */*\r
> X-One: 1\r
> \r
`,
    )
  })

  test.each([
    ['curl', "curl: try 'curl --help' or 'curl --manual' for more information\n", 2],
    [
      'curl --foo',
      "curl: option --foo: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
      2,
    ],
    ['curl http://nosuch.host/', 'curl: (6) Could not resolve host: nosuch.host\n', 6],
    [
      'curl http://10.0.0.2:8001/',
      "curl: (7) Failed to connect to 10.0.0.2 port 8001 after 0 ms: Couldn't connect to server\n",
      7,
    ],
    [
      'curl -m 1 http://10.0.0.9/',
      'curl: (28) Operation timed out after 1000 milliseconds with 0 bytes received\n',
      28,
    ],
    ['curl -s http://10.0.0.2:8001/', '', 7],
  ])('%s fails as it does', (line, said, status) => {
    const host = twoHosts()
    expect([host.text(line), host.status(line)]).toEqual([said, status])
  })

  test('answers that are not from Python: chunks, too few bytes, nothing', () => {
    const { text, status } = twoHosts()
    const answer = (words: string): void => {
      text(`printf '${words}' > /tmp/answer`)
      text('ip netns exec far nc -lN 80 < /tmp/answer > /tmp/asked & sleep 0.1')
    }
    answer('HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n3\\r\\n it\\r\\n0\\r\\n\\r\\n')
    expect(text('curl -s 10.0.0.2/')).toBe('hello it')
    answer('HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nhello')
    expect(text('curl -sS 10.0.0.2/')).toBe('hellocurl: (18) transfer closed with 5 bytes remaining to read\n')
    answer('')
    expect(text('curl 10.0.0.2/')).toBe('curl: (52) Empty reply from server\n')
    answer('HTTP/1.1 302 Found\\r\\nLocation: http://10.0.0.2:81/\\r\\n\\r\\n')
    expect(status('curl -sL 10.0.0.2/')).toBe(7)
  })

  test('the server says what is wrong with its words', () => {
    const { text, status } = twoHosts()
    expect(text('python3 -m http.server abc')).toMatch(
      /^usage: server\.py .*\nserver\.py: error: argument port: invalid int value: 'abc'\n$/,
    )
    expect(status('python3 -m http.server abc')).toBe(2)
    expect(text('python3 -m nosuch')).toBe('/usr/bin/python3: No module named nosuch\n')
    expect(text('python3 -m http.server > /dev/null & sleep 0.1; python3 -m http.server')).toBe(
      'OSError: [Errno 98] Address already in use\n',
    )
    expect(text('python3 -m http.server 90 > /tmp/o & sleep 1; kill -INT %1; wait; cat /tmp/o')).toContain(
      '\nKeyboard interrupt received, exiting.\n',
    )
  })
})

test('URLs', () => {
  expect(parseUrl('http://u:p@h:8080/a?b#c')).toEqual({
    scheme: 'http',
    host: 'h',
    port: 8080,
    path: '/a?b',
    shown: 'h:8080',
  })
  expect(parseUrl('[::1]:81')).toMatchObject({ host: '::1', port: 81, path: '/' })
  expect([parseUrl(''), parseUrl('http://'), parseUrl('h:99999')]).toEqual([undefined, undefined, undefined])
  const from = parseUrl('http://h/a/b?c')
  if (from === undefined) throw new Error('no URL')
  expect(redirected(from, 'd')?.path).toBe('/a/d')
  expect(redirected(from, '/e')?.path).toBe('/e')
  expect(redirected(from, '//g/f')).toMatchObject({ host: 'g', path: '/f' })
  expect(redirected(from, 'https://x/')?.scheme).toBe('https')
})
