// Unmodified alphas over real WebRTC: simple-peer on @roamhq/wrtc, in real time.
//   node alpha.mjs [0.8.0|0.7.2|0.6.6]
// One JSON object a line both ways; a command {"n":1,"do":"put",…} is answered by {"n":1,"ok":…} or {"n":1,"error":"…"}.

import { createInterface } from 'node:readline'
import SimplePeer from 'simple-peer'
import wrtc from '@roamhq/wrtc'

for (const name of ['log', 'error', 'warn', 'info', 'debug', 'trace', 'time', 'timeEnd']) console[name] = () => {}

const version = process.argv[2] ?? '0.8.0'
const base = version === '0.8.0' ? '@fireproof/core' : `fireproof-${version}`
// By path: 0.6.6 does not export its parts.
const load = file => import(new URL(`node_modules/${base}/src/${file}`, import.meta.url))
const { Fireproof } = await load('fireproof.js')
const { Sync } = await load('sync.js')

/** What a browser has built in, Node gets from a package: the one thing that is not the alpha's default. */
class Peer extends SimplePeer {
  longest = 0

  constructor (options) {
    super({ ...options, wrtc })
  }

  send (chunk) {
    this.longest = Math.max(this.longest, Buffer.byteLength(chunk))
    super.send(chunk)
  }
}

const databases = new Map()
const syncs = new Map()
const database = ({ db }) => databases.get(db)
const sync = ({ sync }) => syncs.get(sync)

function newSync (c) {
  const made = new Sync(database(c), Peer)
  syncs.set(c.sync, made)
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
  offer: c => newSync(c).offer(),
  accept: c => newSync(c).accept(c.offer),
  connect: c => void sync(c).connect(c.answer),
  /** Resolves when the channel is open and the first exchange done, as for an application. */
  backlog: async c => void await sync(c).backlog(),
  /** The bytes of the longest message that it sent or tried to. */
  longest: c => sync(c).peer.longest,
  /** The application leaves, and takes its connection along. */
  leave: c => {
    sync(c).destroy()
    sync(c).peer.destroy()
  }
}

const write = line => process.stdout.write(JSON.stringify(line) + '\n')

process.on('unhandledRejection', () => {})

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
