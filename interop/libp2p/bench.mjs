// js-libp2p's side of `livesync bench throughput`. A line on stdin is a word and name=value fields; it is answered by a line
// that begins with ok or error. Messages are framed by js-libp2p's own it-length-prefixed, with no copy of ours in between.

import { createInterface } from 'node:readline'
import { multiaddr } from '@multiformats/multiaddr'
import * as lp from 'it-length-prefixed'
import { PROTOCOL, startNode } from './node.mjs'

const BINARY = 1
const LIMIT = { maxDataLength: 1 << 24 }

const node = await startNode('Ed25519', {})

/** Counts; after so many bytes of payload it answers with an empty message and finishes. */
async function sink (stream, bytes) {
  let got = 0
  await stream.sink(lp.encode((async function * () {
    for await (const message of lp.decode(stream.source, LIMIT)) {
      got += message.byteLength - 1
      if (got >= bytes) {
        yield new Uint8Array([BINARY])
        return
      }
    }
  })()))
}

const WORDS = {
  sink: async ({ bytes }) => {
    await node.handle(PROTOCOL, ({ stream }) => { sink(stream, Number(bytes)).catch(e => console.error(e)) })
    return { address: node.getMultiaddrs()[0].toString() }
  },
  /** From the first byte until the sink has said that it has everything. A stream for each call, on the same connection. */
  send: async ({ address, bytes, size }) => {
    const connection = await node.dial(multiaddr(address))
    const stream = await connection.newStream(PROTOCOL)
    const message = new Uint8Array(Number(size) + 1).fill(BINARY)
    const begun = process.hrtime.bigint()
    const sending = stream.sink(lp.encode((function * () {
      for (let sent = 0; sent < bytes; sent += Number(size)) yield message
    })()))
    for await (const answer of lp.decode(stream.source, LIMIT)) {
      if (answer.byteLength !== 1) throw new Error('not the answer of a sink')
    }
    const nanos = process.hrtime.bigint() - begun
    await sending
    return { nanos }
  },
  cpu: async () => {
    const { user, system } = process.cpuUsage()
    return { nanos: (user + system) * 1000 }
  }
}

const text = fields => Object.entries(fields).map(([name, value]) => ` ${name}=${encodeURIComponent(value)}`).join('')

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [word, ...fields] = line.trim().split(' ')
  try {
    const asked = Object.fromEntries(fields.map(field => field.split('=').map(decodeURIComponent)))
    process.stdout.write('ok' + text(await WORDS[word](asked)) + '\n')
  } catch (e) {
    console.error(e)
    process.stdout.write('error' + text({ message: e?.message ?? e }) + '\n')
  }
}
await node.stop()
process.exit(0)
