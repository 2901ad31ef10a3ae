// Yjs, with the messages of y-websocket. A document is a value of one map.

import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as protocol from 'y-protocols/sync'
import * as Y from 'yjs'
import { serve } from '../lines.mjs'
import { SocketSide } from './sockets.mjs'

const SYNC = 0

class Side extends SocketSide {
  doc = new Y.Doc()
  map = this.doc.getMap('documents')

  constructor () {
    super()
    this.doc.on('update', (update, origin) => {
      const message = encoding.createEncoder()
      encoding.writeVarUint(message, SYNC)
      protocol.writeUpdate(message, update)
      this.broadcast(encoding.toUint8Array(message), origin)
    })
  }

  load (documents, batch) {
    for (let from = 0; from < documents.length; from += batch) {
      this.doc.transact(() => documents.slice(from, from + batch).forEach(([id, document]) => this.map.set(id, document)))
    }
  }

  attach (socket, synced) {
    socket.on('message', data => {
      const decoder = decoding.createDecoder(new Uint8Array(data))
      if (decoding.readVarUint(decoder) !== SYNC) return
      const answer = encoding.createEncoder()
      encoding.writeVarUint(answer, SYNC)
      const type = protocol.readSyncMessage(decoder, answer, this.doc, socket)
      if (encoding.length(answer) > 1) socket.send(encoding.toUint8Array(answer))
      if (type === protocol.messageYjsSyncStep2) synced()
    })
    const first = encoding.createEncoder()
    encoding.writeVarUint(first, SYNC)
    protocol.writeSyncStep1(first, this.doc)
    socket.send(encoding.toUint8Array(first))
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
}

serve(() => new Side())
