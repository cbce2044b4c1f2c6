/** What an ovs-ofctl sends: a server that takes what it wants changed and says that all is well. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Version } from '../../src/openflow/protocol.ts'

const message = { hello: 0, echoRequest: 2, echoReply: 3, flowMod: 14 } as const
const barrierRequest = (version: Version): number => (version === 1 ? 18 : 20)

/** The flow-mods that the original `ovs-ofctl add-flows` makes of lines, in their order: whole messages. */
export const captureFlowMods = async (version: Version, lines: readonly string[]): Promise<Uint8Array[]> =>
  (await captureAll(version, path => addFlows(path, version, lines))).filter(([, type]) => type === message.flowMod)

/** All messages that a client sends to the socket at a path but greetings, echoes and barriers. */
export const captureAll = async (
  version: Version,
  client: (path: string) => Promise<unknown>,
): Promise<Uint8Array[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-capture-'))
  const path = join(directory, 'mgmt')
  const told: Uint8Array[] = []
  const server = createServer(socket => serve(socket, version, told))
  await new Promise<void>(resolve => server.listen(path, resolve))
  try {
    await client(path)
    return told
  } finally {
    server.close()
    rmSync(directory, { recursive: true })
  }
}

const addFlows = (path: string, version: Version, lines: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const args = ['-O', `OpenFlow1${version - 1}`, '--no-names', 'add-flows', `unix:${path}`, '-']
    const child = spawn('ovs-ofctl', args, { stdio: ['pipe', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.on('close', status => (status === 0 ? resolve() : reject(new Error(errors))))
    child.stdin.end(`${lines.join('\n')}\n`)
  })

const serve = (socket: Socket, version: Version, told: Uint8Array[]): void => {
  let rest = Buffer.alloc(0)
  const answer = (type: number, xid: Uint8Array): void => {
    socket.write(Buffer.concat([Buffer.from([version, type, 0, 8]), xid]))
  }
  answer(message.hello, new Uint8Array(4))
  socket.on('data', chunk => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 8 && rest.length >= rest.readUInt16BE(2)) {
      const one = rest.subarray(0, rest.readUInt16BE(2))
      rest = rest.subarray(one.length)
      const xid = one.subarray(4, 8)
      if (one[1] === message.echoRequest) answer(message.echoReply, xid)
      else if (one[1] === barrierRequest(version)) answer(barrierRequest(version) + 1, xid)
      else if (one[1] !== message.hello) told.push(Uint8Array.from(one))
    }
  })
  socket.on('error', () => {})
}
