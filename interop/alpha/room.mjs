// Unmodified alphas with interop/room in the place of simple-peer: through rooms, and with listeners over WebSocket.
// One JSON object a line both ways; a command {"n":1,"do":"put",…} is answered by {"n":1,"ok":…} or {"n":1,"error":"…"}.

import 'fake-indexeddb/auto'
import { createInterface } from 'node:readline'
import WebSocket from 'ws'
import { keep } from '../room/keep.mjs'
import { dialling, meeting } from '../room/livesync-room.mjs'
import { Presence } from '../room/presence.mjs'

for (const name of ['log', 'error', 'warn', 'info', 'debug', 'trace', 'time', 'timeEnd']) console[name] = () => {}

const version = process.argv[2] ?? '0.8.0'
const base = version === '0.8.0' ? '@fireproof/core' : `fireproof-${version}`
// By path: 0.6.6 does not export its parts.
const load = file => import(new URL(`node_modules/${base}/src/${file}`, import.meta.url))
const { Fireproof } = await load('fireproof.js')
const { Sync } = await load('sync.js')

const databases = new Map()
const syncs = new Map()
const heard = new Map()
const kept = new Map()
const shown = new Map()
const events = new EventTarget()
const database = ({ db }) => databases.get(db)
const sync = ({ sync }) => syncs.get(sync)

/** A browser's WebSocket; one of a page says where that is from. */
const optionsOf = ({ origin, token, name, presence }) => ({
  token,
  name,
  presence: shown.get(presence),
  WebSocket: class extends WebSocket {
    constructor (url) {
      super(url, { perMessageDeflate: false, origin })
    }
  }
})

function newSync (c, PeerClass) {
  const told = []
  const made = new Sync(database(c), class extends PeerClass {
    constructor (options) {
      super(options)
      for (const event of ['error', 'refused']) this.on(event, fault => told.push(`${event} ${fault.message}`))
      this.on('close', () => told.push('close'))
    }
  })
  syncs.set(c.sync, made)
  heard.set(c.sync, told)
  return made
}

const COMMANDS = {
  open: async ({ db }) => {
    const opened = Fireproof.storage(null)
    await opened.ready
    databases.set(db, opened)
  },
  puts: async c => {
    for (const doc of c.docs) await database(c).put(doc)
  },
  del: async c => void await database(c).del(c.id),
  /** All documents, computed anew. */
  all: async c => {
    database(c).rootCache = null
    const { rows } = await database(c).allDocuments()
    return Object.fromEntries(rows.map(({ key, value: { _id, _proof, _clock, ...doc } }) => [key, doc]))
  },
  /** Resolves when the session is there. */
  dial: async c => void await newSync(c, dialling(c.address, optionsOf(c))).offer(),
  /** Leaves before there is a session; answers with what the offer came to. */
  dialAndLeave: async c => {
    const made = newSync(c, dialling(c.address, optionsOf(c)))
    const offer = made.offer().catch(fault => fault.message)
    await new Promise(resolve => setTimeout(resolve, c.after))
    made.destroy()
    await made.peer.destroy()
    return offer
  },
  /** Dials now and whenever it has to. What it tells is heard. */
  keep: c => {
    const told = []
    heard.set(c.sync, told)
    const options = { ...optionsOf(c), events, told: (state, fault) => told.push(fault ? `${state} ${fault.message}` : state) }
    kept.set(c.sync, keep(Sync, database(c), c.address, options))
  },
  keepNoMore: c => kept.get(c.sync).close(),
  /** From here on its sessions carry presence, of that name. */
  presence: c => void shown.set(c.presence, new Presence()),
  show: c => void shown.get(c.presence).set(c.key, c.value, c.lifetime),
  hide: c => void shown.get(c.presence).remove(c.key),
  shown: c => shown.get(c.presence).entries(),
  dropped: c => shown.get(c.presence).dropped,
  hideAll: c => shown.get(c.presence).close(),
  /** Something happens to the page. */
  event: c => void events.dispatchEvent(new Event(c.event)),
  timers: () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length,
  offer: c => newSync(c, meeting(c.room, optionsOf(c))).offer(),
  accept: c => newSync(c, meeting(c.room, optionsOf(c))).accept(c.offer),
  connect: c => void sync(c).connect(c.answer),
  backlog: async c => void await sync(c).backlog(),
  /** What its peer has told: errors, who was refused, the end. */
  heard: c => heard.get(c.sync),
  /** The application leaves, and takes its connection along. */
  leave: async c => {
    sync(c).destroy()
    await sync(c).peer.destroy()
  }
}

const write = line => process.stdout.write(JSON.stringify(line) + '\n')

createInterface({ input: process.stdin, crlfDelay: Infinity })
  .on('line', async line => {
    const c = JSON.parse(line)
    try {
      write({ n: c.n, ok: (await COMMANDS[c.do](c)) ?? null })
    } catch (e) {
      write({ n: c.n, error: String(e?.message ?? e) })
    }
  })
  .on('close', () => process.exit(0))
