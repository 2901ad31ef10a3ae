// An unmodified alpha in a page, with the shim in the place of simple-peer, for a test that drives it. Results are strings.

import { Fireproof, Sync } from '/packages/node_modules/@fireproof/core/dist/src/fireproof.mjs'
import { dialling, meeting } from '/room/livesync-room.mjs'

const database = Fireproof.storage()
let sync

window.introduced = {
  /** Resolves with what carries the session. */
  async dial (address, direct) {
    await database.ready
    sync = new Sync(database, dialling(address, { direct }))
    await sync.offer()
    return sync.peer.session.link.constructor.name
  },
  /** Sits where the address says, until somebody calls. */
  async offer (address) {
    await database.ready
    sync = new Sync(database, meeting(address, { direct: true }))
    await sync.offer()
    return ''
  },
  put: (id, v) => database.put({ _id: id, v }).then(() => ''),
  async all () {
    database.rootCache = null
    const { rows } = await database.allDocuments()
    return JSON.stringify(rows.map(({ key }) => key).sort())
  },
  async leave () {
    sync.destroy()
    await sync.peer.destroy()
    return ''
  }
}
