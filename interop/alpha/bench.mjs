// An unmodified alpha for ./livesync bench alongside and suite: its Sync over a WebSocket, which has no limit of 262,144 bytes.

import { WebSocket, WebSocketServer } from 'ws'
import { listen, serve } from '../lines.mjs'

// After lines.mjs: it silences the console.
const { Fireproof, Sync } = await import('@fireproof/core')

/** As simple-peer is to the alpha. */
class SocketPeer {
  handlers = new Map()
  busy = new Set()

  on (event, handler) {
    this.handlers.set(event, handler)
  }

  attach (socket) {
    this.socket = socket
    socket.on('message', data => this.run('data', data))
    this.gone = new Promise(resolve => socket.on('close', resolve))
    if (socket.readyState === WebSocket.OPEN) this.run('connect')
    else socket.on('open', () => this.run('connect'))
  }

  run (event, data) {
    const task = Promise.resolve(this.handlers.get(event)(data)).finally(() => this.busy.delete(task))
    this.busy.add(task)
  }

  send (data) {
    this.socket.send(data)
  }

  async quiet () {
    while (this.busy.size > 0) await Promise.all(this.busy)
  }
}

class Side {
  database = Fireproof.storage()
  syncs = new Set()

  async load (documents) {
    for (const [id, document] of documents) await this.database.put({ _id: id, ...document })
  }

  async put (id, document) {
    await this.database.put({ _id: id, ...document })
  }

  /** What came is known by the clock before it. */
  watch (listener) {
    let clock = this.database.clock
    let last = Promise.resolve()
    this.database.subscribe(() => {
      last = last.then(async () => {
        const now = this.database.clock
        const { rows } = await this.database.changesSince(clock)
        clock = now
        listener(rows.map(({ key }) => key))
      })
    })
  }

  attach (socket) {
    const sync = new Sync(this.database, SocketPeer)
    sync.setupPeer()
    sync.peer.attach(socket)
    this.syncs.add(sync)
    return sync
  }

  async serve () {
    this.server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 2 ** 30 })
    this.server.on('connection', socket => this.attach(socket))
    return listen(this.server)
  }

  sync (address) {
    return this.attach(new WebSocket(`ws://${address}`, { perMessageDeflate: false, maxPayload: 2 ** 30 })).backlog()
  }

  async leave () {
    for (const sync of this.syncs) {
      await sync.peer.quiet()
      if (!this.server) sync.peer.socket.close()
      await sync.peer.gone
      await sync.peer.quiet()
      sync.destroy()
    }
    this.syncs.clear()
  }

  async documents () {
    const { rows } = await this.database.allDocuments()
    return rows.map(({ key, value: { _id, _proof, _clock, ...document } }) => [key, document])
  }

  heads () {
    return this.database.clockToJSON().sort().join()
  }

  close () {
    this.server?.close()
  }
}

serve(async () => {
  const side = new Side()
  await side.database.ready
  return side
})
