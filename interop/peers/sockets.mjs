import { WebSocket, WebSocketServer } from 'ws'
import { listen } from '../lines.mjs'

/** One side of a system that exchanges messages over WebSockets. A system says what to do with a socket, in `attach(socket, synced)`. */
export class SocketSide {
  sockets = new Set()

  meet (socket, synced) {
    this.sockets.add(socket)
    socket.gone = new Promise(resolve => socket.on('close', resolve))
    if (socket.readyState === WebSocket.OPEN) this.attach(socket, synced)
    else socket.on('open', () => this.attach(socket, synced))
  }

  /** Sends to all but the one that it came from. */
  broadcast (message, origin) {
    for (const socket of this.sockets) if (socket !== origin && socket.readyState === WebSocket.OPEN) socket.send(message)
  }

  async serve () {
    this.server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 2 ** 30 })
    this.server.on('connection', socket => this.meet(socket, () => {}))
    return listen(this.server)
  }

  sync (address) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${address}`, { perMessageDeflate: false, maxPayload: 2 ** 30 })
      socket.on('error', reject)
      this.meet(socket, resolve)
    })
  }

  async leave () {
    for (const socket of this.sockets) {
      if (!this.server) socket.close()
      await socket.gone
    }
    this.sockets.clear()
  }

  close () {
    this.server?.close()
  }
}
