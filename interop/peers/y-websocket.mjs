// Yjs as most people run it: y-websocket's own server at A, its provider at B, as they come. Only compression and what goes between
// tabs of a browser are off, as for everybody here.

import { createRequire } from 'node:module'
import { WebSocket, WebSocketServer } from 'ws'
import { listen, serve } from '../lines.mjs'

const require = createRequire(import.meta.url) // the server is CommonJS, and all have to share one Yjs
const Y = require('yjs')
const { WebsocketProvider } = require('y-websocket')
const { getYDoc, setupWSConnection } = require('y-websocket/bin/utils')

class PlainSocket extends WebSocket {
  constructor (address) {
    super(address, { perMessageDeflate: false, maxPayload: 2 ** 30 })
  }
}

const ROOM = 'room'
let databases = 0

class Side {
  doc = new Y.Doc()
  map = this.doc.getMap('documents')
  gone = []

  load (documents, batch) {
    for (let from = 0; from < documents.length; from += batch) {
      this.doc.transact(() => documents.slice(from, from + batch).forEach(([id, document]) => this.map.set(id, document)))
    }
  }

  /** From here on it is the server's own kind of document, with what it had. */
  async serve () {
    const docName = `database-${++databases}`
    const served = getYDoc(docName)
    Y.applyUpdate(served, Y.encodeStateAsUpdate(this.doc))
    this.doc = served
    this.map = served.getMap('documents')
    this.server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 2 ** 30 })
    this.server.on('connection', (socket, request) => {
      this.gone.push(new Promise(resolve => socket.on('close', resolve)))
      setupWSConnection(socket, request, { docName })
    })
    return listen(this.server)
  }

  sync (address) {
    return new Promise((resolve, reject) => {
      const provider = new WebsocketProvider(`ws://${address}`, ROOM, this.doc, { WebSocketPolyfill: PlainSocket, disableBc: true })
      this.provider = provider
      provider.on('connection-error', reject)
      provider.on('sync', synced => synced && resolve())
    })
  }

  async leave () {
    if (this.provider) {
      const socket = this.provider.ws
      const closed = new Promise(resolve => socket.on('close', resolve))
      this.provider.destroy()
      this.provider = null
      await closed
    }
    await Promise.all(this.gone.splice(0))
  }

  put (id, document) {
    this.map.set(id, document)
  }

  watch (listener) {
    this.map.observe(event => listener([...event.keysChanged]))
  }

  documents () {
    return [...this.map.entries()]
  }

  close () {
    this.server?.close()
  }
}

await serve(() => new Side())
