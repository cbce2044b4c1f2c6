/**
 * Conversations with a TCP in which the other side is played by hand, one segment after the other, and what must be heard
 * back. The same ones are played to our TCP (by-hand.test.ts) and to the kernel's (test/interop/tcp-by-hand.test.ts), so
 * what is expected here is what Linux does.
 *
 * `> S. 0 1 20 ts 5 w 0` says a segment: its flags (`-` for none), its place and what it acknowledges, both counted from
 * the SYNs (`_` leaves the acknowledgment 0), bytes of data, a timestamp, a window. `S. 0 1 0` is heard. `= 700` waits ms.
 */
export type Conversation = {
  name: string
  /**
   * What the TCP's user does: accepts and reads; accepts and closes; accepts, waits 0.4 s and closes without reading;
   * connects to us.
   */
  user: 'reads' | 'closes' | 'neglects' | 'connects'
  script: string
}

const opened = `
> S 0 _
S. 0 1 0
> . 1 1`

export const conversations: readonly Conversation[] = [
  {
    name: 'a reset at the next place ends the connection',
    user: 'reads',
    script: `${opened}
> R 1 _
> . 1 1
R 1 _ 0`,
  },
  {
    name: 'a reset elsewhere in the window is asked to prove itself (RFC 5961 §3)',
    user: 'reads',
    script: `${opened}
> R 50 _
. 1 1 0
> P. 1 1 5
. 1 6 0`,
  },
  {
    name: 'a reset outside the window is ignored',
    user: 'reads',
    script: `${opened}
> R 2000000 _
> R -100 _
> P. 1 1 5
. 1 6 0`,
  },
  {
    name: 'a SYN in the window is asked to prove itself (RFC 5961 §4)',
    user: 'reads',
    script: `${opened}
> S 10 _
. 1 1 0
= 600
> S 1 _
. 1 1 0`,
  },
  {
    name: 'a SYN outside the window too',
    user: 'reads',
    script: `${opened}
> S 2000000 _
. 1 1 0`,
  },
  {
    name: 'what acknowledges something never sent is answered with where we are',
    user: 'reads',
    script: `${opened}
> P. 1 5000 10
. 1 1 0
= 600
> P. 1 1 10
. 1 11 0`,
  },
  {
    name: 'what acknowledges far too little is asked to prove itself (RFC 5961 §5)',
    user: 'reads',
    script: `${opened}
> P. 1 -200000 10
. 1 1 0`,
  },
  {
    name: 'data that came before is acknowledged again',
    user: 'reads',
    script: `${opened}
> P. 1 1 10
. 1 11 0
> P. 1 1 10
. 1 11 0`,
  },
  {
    name: 'data beyond the window is answered with what is wanted',
    user: 'reads',
    script: `${opened}
> P. 2000000 1 10
. 1 1 0`,
  },
  {
    name: 'data without an acknowledgment is dropped',
    user: 'reads',
    script: `${opened}
> P 1 _ 10
> - 1 _ 10
> P. 1 1 5
. 1 6 0`,
  },
  {
    name: 'data out of order waits for what is before',
    user: 'reads',
    script: `${opened}
> P. 11 1 10
. 1 1 0
> P. 1 1 10
. 1 21 0`,
  },
  {
    name: 'half open: a wrong acknowledgment is answered by a reset',
    user: 'reads',
    script: `
> S 0 _
S. 0 1 0
> . 1 77
R 77 _ 0`,
  },
  {
    name: 'half open: a reset ends it',
    user: 'reads',
    script: `
> S 0 _
S. 0 1 0
> R 1 _
> . 1 1
R 1 _ 0`,
  },
  {
    name: 'half open: the SYN again is answered again',
    user: 'reads',
    script: `
> S 0 _
S. 0 1 0
> S 0 _
S. 0 1 0`,
  },
  {
    name: 'half open: the acknowledgment may carry data and the end',
    user: 'reads',
    script: `
> S 0 _
S. 0 1 0
> FP. 1 1 10
. 1 12 0`,
  },
  {
    name: 'a listener answers an acknowledgment by a reset, and ignores a reset, a FIN and nothing at all',
    user: 'reads',
    script: `
> . 1 500
R 500 _ 0
> R 1 _
> F 1 _
> - 1 _
> SR 1 _
> SF 1 _`,
  },
  {
    name: 'closed by the user: data is answered by a reset',
    user: 'closes',
    script: `${opened}
F. 1 1 0
> . 1 2
> P. 1 2 10
R 2 _ 0`,
  },
  {
    name: 'closed by the user: the end of both, one after the other, and the last FIN again',
    user: 'closes',
    script: `${opened}
F. 1 1 0
> . 1 2
> F. 1 2
. 2 2 0
= 600
> F. 1 2
. 2 2 0`,
  },
  {
    name: 'simultaneous close: FINs that cross',
    user: 'closes',
    script: `${opened}
F. 1 1 0
> F. 1 1
. 2 2 0
> . 2 2`,
  },
  {
    name: 'after the end a SYN at a higher place opens a new connection',
    user: 'closes',
    script: `${opened}
F. 1 1 0
> F. 1 2
. 2 2 0
= 600
> S 100000 _
S. new 100001 0`,
  },
  {
    name: 'after the end a SYN at an old place is answered with where we were',
    user: 'closes',
    script: `${opened}
F. 1 1 0
> F. 1 2
. 2 2 0
= 600
> S 1 _
. 2 2 0`,
  },
  {
    name: 'after the end a reset at the right place forgets it',
    user: 'closes',
    script: `${opened}
F. 1 1 0
> F. 1 2
. 2 2 0
> R 2 _
> . 2 2
R 2 _ 0`,
  },
  {
    name: 'the peer closes first: nothing of it counts behind the FIN, which is acknowledged again',
    user: 'reads',
    script: `${opened}
> F. 1 1
. 1 2 0
> P. 2 1 10
> F. 1 1
. 1 2 0`,
  },
  {
    name: 'closed with data that nobody read: a reset (RFC 2525 §2.17)',
    user: 'neglects',
    script: `${opened}
> P. 1 1 10
. 1 11 0
= 600
R. 1 11 0`,
  },
  {
    name: 'connecting: refused by a reset that acknowledges the SYN',
    user: 'connects',
    script: `
S 0 _ 0
> R. 0 1
> S. 0 1
R 1 _ 0`,
  },
  {
    name: 'connecting: a reset that acknowledges nothing, or something else, is ignored',
    user: 'connects',
    script: `
S 0 _ 0
> R 0 _
> R. 0 9
> S. 0 1
. 1 1 0`,
  },
  {
    name: 'connecting: a wrong acknowledgment is answered by a reset, and the connection goes on',
    user: 'connects',
    script: `
S 0 _ 0
> S. 0 9
R 9 _ 0
> . 0 9
R 9 _ 0
> S. 0 1
. 1 1 0`,
  },
  {
    name: 'connecting: an acknowledgment without a SYN is ignored',
    user: 'connects',
    script: `
S 0 _ 0
> . 0 1
> S. 0 1
. 1 1 0`,
  },
  {
    name: 'simultaneous open: SYNs that cross',
    user: 'connects',
    script: `
S 0 _ 0
> S 0 _
S. 0 1 0
> S. 0 1
. 1 1 0`,
  },
  {
    name: 'a timestamp older than the last is of an old segment (RFC 7323 §5.3)',
    user: 'reads',
    script: `
> S 0 _ 0 ts 1000
S. 0 1 0
> . 1 1 0 ts 1001
> P. 1 1 10 ts 1002
. 1 11 0
> P. 11 1 10 ts 900
. 1 11 0
> P. 11 1 10 ts 1003
. 1 21 0`,
  },
]

/** A segment as it is said or heard; places count from the SYNs. `end` is where the timestamp's value is. */
export type Said = { flags: string; seq: string; ack: string; size: number; stamp: number | undefined; window: number }

export type Step = { kind: 'say'; said: Said } | { kind: 'hear'; line: string } | { kind: 'wait'; ms: number }

export const stepsOf = (script: string): Step[] =>
  script
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      if (line.startsWith('=')) return { kind: 'wait', ms: Number(line.slice(1)) }
      if (!line.startsWith('>')) return { kind: 'hear', line }
      const [flags = '', seq = '0', ack = '_', ...more] = line.slice(2).split(' ')
      const after = (word: string): number | undefined =>
        more.includes(word) ? Number(more[more.indexOf(word) + 1]) : undefined
      const size = /^\d+$/.test(more[0] ?? '') ? Number(more[0]) : 0
      return { kind: 'say', said: { flags, seq, ack, size, stamp: after('ts'), window: after('w') ?? 60000 } }
    })
