// One js-libp2p peer. One JSON object a line on stdin, one a line on stdout: a command {"n":1,"do":"dial",…} is answered by
// {"n":1,"ok":…} or {"n":1,"error":"…"}. See COMMANDS.
//
// Over a stream of /livesync/1.0.0 it echoes, or proves a secret and then speaks the alpha dialect, for
// which an unmodified alpha's Sync gets the stream in the place of simple-peer.

import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { multiaddr } from '@multiformats/multiaddr'
import { pushable } from 'it-pushable'
import { End } from '../sealed.mjs'
import { PROTOCOL, startNode } from './node.mjs'

const write = line => process.stdout.write(JSON.stringify(line) + '\n')

for (const name of ['log', 'error', 'warn', 'info', 'debug', 'trace', 'time', 'timeEnd']) console[name] = () => {}

let node

// ---- messages: a varint with the length of what follows, a byte for the kind, the payload

function frame (kind, payload) {
  const length = []
  let rest = payload.length + 1
  while (rest > 0x7f) {
    length.push((rest & 0x7f) | 0x80)
    rest = Math.floor(rest / 128)
  }
  length.push(rest)
  return Buffer.concat([Buffer.from([...length, kind]), payload])
}

async function * messages (source) {
  const chunks = []
  let held = 0
  let need = 1
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.subarray())
    chunks.push(bytes)
    held += bytes.length
    if (held < need) continue
    let buffer = Buffer.concat(chunks.splice(0))
    for (;;) {
      let length = 0
      let at = 0
      let complete = false
      while (at < buffer.length && !complete) {
        length += (buffer[at] & 0x7f) * 128 ** at
        complete = buffer[at++] < 0x80
      }
      need = complete ? at + length : buffer.length + 1
      if (!complete || buffer.length < need) break
      yield { kind: buffer[at], payload: buffer.subarray(at + 1, at + length) }
      buffer = buffer.subarray(at + length)
    }
    chunks.push(buffer)
    held = buffer.length
  }
}

class Wire {
  constructor (stream, connection) {
    this.stream = stream
    this.remote = connection.remotePeer
    this.out = pushable()
    this.done = stream.sink(this.out).catch(() => {})
    this.in = messages(stream.source)
  }

  send (kind, payload) { this.out.push(frame(kind, Buffer.from(payload))) }

  async binary () {
    const { value, done } = await this.in.next()
    if (done) throw new Error('the stream ended')
    if (value.kind !== 1) throw new Error(`a text: ${value.payload}`)
    return new Uint8Array(value.payload)
  }

  async close () {
    this.out.end()
    await this.done
    await this.stream.close()
  }
}

// ---- the handshake, as docs/sealed-sessions.md has it. Both ends see the same binding, so what follows is not sealed

const EMPTY = new Uint8Array(0)

function binding (remote) {
  const ids = [Buffer.from(node.peerId.toMultihash().bytes), Buffer.from(remote.toMultihash().bytes)]
  return createHash('sha256').update(Buffer.concat(ids.sort(Buffer.compare))).digest()
}

/** In dag-cbor: a map with the binding's digest and a window of 4 MiB. */
const payload = bound => Buffer.concat([Buffer.from('a261625820', 'hex'), bound, Buffer.from('61771a00400000', 'hex')])

async function prove (wire, secret, dialler) {
  const bound = binding(wire.remote)
  const end = await End.create(dialler, { secret })
  let said
  if (dialler) {
    wire.send(1, await end.first(payload(bound)))
    said = await end.readSecond(await wire.binary())
    wire.send(1, await end.sending.seal('confirmation', EMPTY))
  } else {
    said = await end.readFirst(await wire.binary())
    wire.send(1, await end.second(payload(bound)))
    const { type } = await end.receiving.open(await wire.binary())
    if (type !== 'confirmation') throw new Error('no confirmation')
  }
  if (!Buffer.from(said).includes(bound)) throw new Error('another binding')
}

// ---- an unmodified alpha

let database

async function openDatabase () {
  if (database) return
  const { Fireproof } = await import('@fireproof/core/src/fireproof.js')
  database = Fireproof.storage()
  await database.ready
}

async function sync (wire, secret, dialler) {
  await openDatabase()
  await prove(wire, secret, dialler)
  const { Sync } = await import('@fireproof/core/src/sync.js')
  const handlers = {}
  const peer = {
    on: (event, handler) => { handlers[event] = handler },
    send: data => typeof data === 'string' ? wire.send(0, data) : wire.send(1, data)
  }
  const s = new Sync(database, function () { return peer })
  s.setupPeer(dialler)
  await handlers.connect()
  for await (const { payload } of wire.in) await handlers.data(payload)
}

const plain = ({ _proof, _clock, ...doc }) => doc

// ---- what a stream is for

const bytesOf = (size, seed) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed * 17 + (i >>> 8)) & 0xff))

const SERVE = {
  echo: async wire => {
    for await (const { kind, payload } of wire.in) wire.send(kind, payload)
    await wire.close()
  },
  sync: (wire, { secret }) => sync(wire, secret, false)
}

async function dial (address) {
  const connection = await node.dial(multiaddr(address))
  return new Wire(await connection.newStream(PROTOCOL), connection)
}

const COMMANDS = {
  /** The peer itself; key: Ed25519, RSA, ECDSA or secp256k1. */
  start: async c => {
    node = await startNode(c.key)
    return { peerId: node.peerId.toString(), address: node.getMultiaddrs()[0].toString() }
  },
  /** What to do with streams that come: echo or sync. */
  serve: async c => {
    await node.handle(PROTOCOL, ({ stream, connection }) => {
      SERVE[c.mode](new Wire(stream, connection), c).catch(e => write({ fault: String(e?.message ?? e) }))
    })
  },
  /** Sends messages of these sizes and compares what comes back. */
  echo: async c => {
    const wire = await dial(c.address)
    for (const [i, size] of c.sizes.entries()) wire.send(i % 2, bytesOf(size, i))
    for (const [i, size] of c.sizes.entries()) {
      const { value } = await wire.in.next()
      if (value.kind !== i % 2 || !value.payload.equals(bytesOf(size, i))) throw new Error(`message ${i} came back otherwise`)
    }
    await wire.close()
    return c.sizes.length
  },
  dial: async c => {
    await node.dial(multiaddr(c.address))
  },
  ping: async c => await node.services.ping.ping(multiaddr(c.address)),
  identify: async c => {
    const connection = await node.dial(multiaddr(c.address))
    const { peerId, protocols, agentVersion, observedAddr, listenAddrs } = await node.services.identify.identify(connection)
    return { peerId: peerId.toString(), protocols, agentVersion, observed: observedAddr?.toString(), listen: listenAddrs.map(String) }
  },
  hangUp: async () => {
    for (const connection of node.getConnections()) await connection.close()
  },
  /** Dials a LiveSync peer and keeps both databases equal. */
  sync: async c => {
    const wire = await dial(c.address)
    sync(wire, c.secret, true).catch(e => write({ fault: String(e?.message ?? e) }))
  },
  puts: async c => {
    await openDatabase()
    for (const doc of c.docs) await database.put(doc)
  },
  all: async () => {
    await openDatabase()
    database.rootCache = null
    const { rows } = await database.allDocuments()
    return Object.fromEntries(rows.map(({ key, value }) => [key, plain(value)]))
  },
  clock: async () => {
    await openDatabase()
    return database.clockToJSON()
  }
}

process.on('unhandledRejection', e => write({ fault: String(e?.message ?? e) }))

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const c = JSON.parse(line)
  Promise.resolve().then(() => COMMANDS[c.do](c)).then(
    ok => write({ n: c.n, ok: ok ?? null }),
    e => write({ n: c.n, error: `${e?.name ?? ''}: ${e?.message ?? e}` })
  )
}
await node?.stop()
process.exit(0)
