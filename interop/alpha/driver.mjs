// Unmodified alpha peers: any number of databases, each with any number of Sync objects, in one process.
//
// One JSON object a line on stdin, one a line on stdout; see COMMANDS. A command {"n":1,"do":"put",…} is answered by {"n":1,"ok":…}
// or {"n":1,"error":"…"}. Commands and channel messages are taken one after the other, in the order in which they came, so that a
// test's seed decides everything. What an alpha sends to a peer outside the process goes out as {"from":ID,"text":…} or
// {"from":ID,"bin":BASE64}.
//
// The alpha's Sync gets a PeerClass of ours in the place of simple-peer; it behaves like one whose channel is this pipe, or the
// other end in this process.

import { createInterface } from 'node:readline'

for (const name of ['log', 'error', 'warn', 'info', 'debug', 'trace', 'time', 'timeEnd']) console[name] = () => {}

const version = process.argv[2] ?? '0.8.0'
const base = version === '0.8.0' ? '@fireproof/core' : `fireproof-${version}`
// By path: 0.6.6 does not export its parts.
const load = file => import(new URL(`node_modules/${base}/src/${file}`, import.meta.url))
const { Fireproof } = await load('fireproof.js')
const { Sync } = await load('sync.js')

const write = line => process.stdout.write(JSON.stringify(line) + '\n')

/** The alpha chooses ids with Math.random; a seed makes them the same every time (mulberry32). */
function seedRandom (seed) {
  let state = seed >>> 0
  Math.random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
seedRandom(1)

// ---- one thing at a time

const inbox = []
let running = false

async function run () {
  if (running) return
  running = true
  while (inbox.length > 0) await inbox.shift()()
  running = false
}

function soon (task) {
  inbox.push(task)
  run()
}

// ---- channels

const peers = new Map()
let peerCount = 0

const isText = data => typeof data === 'string'

class PipePeer {
  constructor ({ initiator }) {
    this.initiator = initiator
    this.id = `alpha-${++peerCount}`
    this.handlers = new Map()
    this.other = null
    this.open = false
    this.held = null
    this.concurrent = false
    peers.set(this.id, this)
    if (initiator) queueMicrotask(() => this.emit('signal', { type: 'offer', sdp: this.id }))
  }

  on (event, handler) {
    if (!this.handlers.has(event)) this.handlers.set(event, [])
    this.handlers.get(event).push(handler)
  }

  emit (event, value) {
    return (this.handlers.get(event) ?? []).map(handler => handler(value))
  }

  signal ({ type, sdp }) {
    const [wanted, to] = sdp.split(' ')
    if (type === 'offer') {
      this.other = wanted
      queueMicrotask(() => this.emit('signal', { type: 'answer', sdp: `${this.id} ${wanted}` }))
    } else {
      if (to !== this.id) return this.emit('error', new Error('an answer to another offer'))
      this.other = wanted
      const local = peers.get(wanted)
      if (local) local.connected()
      else write({ from: this.id, connect: wanted })
      this.connected()
    }
  }

  connected () {
    soon(async () => {
      this.open = true
      await Promise.allSettled(this.emit('connect'))
    })
  }

  /** What the alpha calls. A channel that is held keeps what is sent, as one whose other end is out of reach. */
  send (data) {
    if (!this.open) throw new Error('the channel is closed')
    const size = isText(data) ? Buffer.byteLength(data) : data.length
    if (size > 262144) {
      // What a data channel does, without a word.
      this.open = false
      return
    }
    if (this.held) this.held.push(data)
    else this.pass(data)
  }

  pass (data) {
    const local = peers.get(this.other)
    if (local) local.deliver(data)
    else if (isText(data)) write({ from: this.id, text: data })
    else write({ from: this.id, bin: Buffer.from(data).toString('base64') })
  }

  /** As simple-peer: a Buffer, whatever was sent. */
  deliver (data) {
    soon(async () => {
      if (!this.open) return
      const results = this.emit('data', Buffer.from(data))
      const watched = Promise.allSettled(results).then(outcomes => {
        for (const { reason } of outcomes) if (reason) this.faults.push(String(reason.message ?? reason))
      })
      if (!this.concurrent) await watched
    })
  }

  faults = []
}

// ---- databases

const databases = new Map()
const syncs = new Map()

const database = ({ db }) => {
  if (!databases.has(db)) throw new Error(`no database ${db}`)
  return databases.get(db)
}
const sync = ({ sync }) => {
  if (!syncs.has(sync)) throw new Error(`no sync ${sync}`)
  return syncs.get(sync)
}
const plain = ({ _proof, _clock, ...doc }) => doc

function newSync (db, name) {
  const s = new Sync(db, PipePeer)
  syncs.set(name, s)
  return s
}

async function rows (db) {
  db.rootCache = null
  const { rows } = await db.allDocuments()
  return Object.fromEntries(rows.map(({ key, value }) => [key, plain(value)]))
}

const COMMANDS = {
  seed: ({ seed }) => seedRandom(seed),
  /** A database in memory, or one with a name, which the alpha keeps in IndexedDB. */
  open: async ({ db, named }) => {
    if (named) await import('fake-indexeddb/auto')
    const opened = Fireproof.storage(named ? db : null)
    await opened.ready
    databases.set(db, opened)
  },
  put: async c => (await database(c).put(c.doc)).id,
  /** Many puts, one after the other. Without an id the alpha chooses one. */
  puts: async c => {
    const ids = []
    for (const doc of c.docs) ids.push((await database(c).put(doc)).id)
    return ids
  },
  del: async c => void await database(c).del(c.id),
  get: async c => {
    database(c).rootCache = null
    return plain(await database(c).get(c.id))
  },
  all: c => rows(database(c)),
  /** As an application sees it, with whatever is cached. */
  cached: async c => Object.fromEntries((await database(c).allDocuments()).rows.map(r => [r.key, plain(r.value)])),
  clock: c => database(c).clockToJSON(),
  cids: async c => (await database(c).allStoredCIDs()).map(String),
  blocks: c => [...database(c).blocks.committedBlocks].map(([cid, bytes]) => Buffer.from(bytes).toString('base64')),
  newSync: c => void newSync(database(c), c.sync),
  offer: c => newSync(database(c), c.sync).offer(),
  accept: c => newSync(database(c), c.sync).accept(c.offer),
  connect: c => void sync(c).connect(c.answer),
  status: c => sync(c).status,
  /** What an application calls; the channel stays. */
  destroy: c => void sync(c).destroy(),
  backlog: async c => {
    const pending = new Promise(resolve => setImmediate(() => setImmediate(resolve, 'pending')))
    return Promise.race([sync(c).backlog().then(() => 'done'), pending])
  },
  /** The process behind the channel is gone. */
  mute: c => {
    const { peer } = sync(c)
    peer.connected = peer.deliver = () => {}
  },
  faults: c => sync(c).peer.faults.splice(0),
  concurrent: c => void (sync(c).peer.concurrent = c.on),
  /** Joins two databases of this process, a offering. */
  link: async c => {
    const a = newSync(database({ db: c.a }), c.name + '.a')
    const b = newSync(database({ db: c.b }), c.name + '.b')
    a.connect(await b.accept(await a.offer()))
  },
  /** Joins two databases without the first exchange, as if they had it behind them. */
  wire: async c => {
    const a = newSync(database({ db: c.a }), c.name + '.a')
    const b = newSync(database({ db: c.b }), c.name + '.b')
    for (const s of [a, b]) s.startSync = async function () { this.isReady = true }
    a.connect(await b.accept(await a.offer()))
  },
  hold: c => void (sync(c).peer.held ??= []),
  held: c => sync(c).peer.held?.map(d => isText(d) ? d : Buffer.from(d).toString('base64')) ?? [],
  /** Lets the first messages of a held channel through, or drops them. */
  release: c => {
    const peer = sync(c).peer
    const some = peer.held.splice(0, c.count ?? peer.held.length)
    if (!c.drop) some.forEach(d => peer.pass(d))
    if (c.end) peer.held = null
  },
  /** Hands bytes to a Sync as if they had come through its channel. */
  receive: async c => void sync(c).peer.deliver(c.text ?? Buffer.from(c.bin, 'base64')),
  /** The channel is gone, which an alpha does not notice. */
  cut: c => {
    const { peer } = sync(c)
    const other = peers.get(peer.other)
    peer.open = false
    if (other) other.open = false
    else write({ from: peer.id, closed: true })
    sync(c).destroy()
  },
  close: c => {
    databases.delete(c.db)
    for (const [name, s] of syncs) {
      if (!databases.has(c.db) && [...databases.values()].every(d => d !== s.database)) {
        if (s.peer) peers.delete(s.peer.id)
        syncs.delete(name)
      }
    }
  }
}

function command (c) {
  soon(async () => {
    if (c.do === 'settle') {
      // The microtasks of the last handler, then whatever they have brought.
      await new Promise(resolve => setImmediate(resolve))
      if (inbox.length > 0) return void soon(() => command(c))
      return write({ n: c.n, ok: null })
    }
    try {
      if (!COMMANDS[c.do]) throw new Error(`no command ${c.do}`)
      write({ n: c.n, ok: (await COMMANDS[c.do](c)) ?? null })
    } catch (e) {
      write({ n: c.n, error: String(e?.message ?? e) })
    }
  })
}

process.on('unhandledRejection', () => {})

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const c = JSON.parse(line)
  if (c.do) command(c)
  else {
    const peer = peers.get(c.to)
    if (c.closed) { if (peer) soon(async () => { peer.open = false }) }
    else if (c.connect) { if (peer) { peer.other = c.connect; peer.connected() } }
    else peer?.deliver(c.text ?? Buffer.from(c.bin, 'base64'))
  }
}
process.exit(0)
