// Unmodified alphas in a page, any number of databases, for a test that drives it. Results are strings of JSON.

import { Fireproof, Sync } from '/node_modules/@fireproof/core/dist/src/fireproof.mjs'

const databases = new Map()
const syncs = new Map()

/** Nobody elsewhere is asked for a way to the other side. */
class LocalPeer {
  constructor (options) {
    return new window.SimplePeer({ ...options, config: { iceServers: [] } })
  }
}

function newSync (db, name) {
  const sync = new Sync(databases.get(db), LocalPeer)
  syncs.set(name, sync)
  return sync
}

/** What an alpha's handler throws stays in the handler's promise. */
const faults = []
window.addEventListener('unhandledrejection', event => faults.push(String(event.reason?.stack ?? event.reason)))

window.alphas = {
  async open (db) {
    const database = Fireproof.storage()
    await database.ready
    databases.set(db, database)
  },
  async puts (db, docs) {
    for (const doc of docs) await databases.get(db).put(doc)
  },
  async del (db, id) {
    await databases.get(db).del(id)
  },
  /** Without the cache of what was read before. */
  async all (db) {
    const database = databases.get(db)
    database.rootCache = null
    const { rows } = await database.allDocuments()
    return JSON.stringify(Object.fromEntries(rows.map(({ key, value }) => [key, String(value.v)])))
  },
  offer: (db, name) => newSync(db, name).offer(),
  accept: (db, name, offer) => newSync(db, name).accept(offer),
  async connect (name, answer) {
    syncs.get(name).connect(answer)
    await syncs.get(name).backlog()
  },
  async backlog (name) {
    await syncs.get(name).backlog()
  },
  /** An alpha's own destroy() leaves the channel open. */
  cut (name) {
    syncs.get(name).destroy()
    syncs.get(name).peer.destroy()
  },
  async link (a, b, name) {
    const one = newSync(a, name + '.a')
    const other = newSync(b, name + '.b')
    one.connect(await other.accept(await one.offer()))
    await Promise.all([one.backlog(), other.backlog()])
  },
  faults: () => JSON.stringify(faults)
}
