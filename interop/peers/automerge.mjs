// Automerge's own sync protocol, one message a WebSocket message. Strings are atoms, as in JSON, not texts to be edited together.

import * as Automerge from '@automerge/automerge'
import { serve } from '../lines.mjs'
import { SocketSide } from './sockets.mjs'

const atoms = value => {
  if (typeof value === 'string') return new Automerge.ImmutableString(value)
  if (Array.isArray(value)) return value.map(atoms)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, atoms(v)]))
}
const plain = value => {
  if (value instanceof Automerge.ImmutableString) return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))
}
const equal = (a, b) => a !== null && a.length === b.length && [...a].sort().join() === [...b].sort().join()

class Side extends SocketSide {
  doc = Automerge.init()
  listener = () => {}
  talks = new Set()

  load (documents, batch) {
    for (let from = 0; from < documents.length; from += batch) {
      this.doc = Automerge.change(this.doc, doc => {
        doc.documents ??= {}
        documents.slice(from, from + batch).forEach(([id, document]) => { doc.documents[id] = atoms(document) })
      })
    }
  }

  attach (socket, synced) {
    let state = Automerge.initSyncState()
    const say = () => {
      const [next, message] = Automerge.generateSyncMessage(this.doc, state)
      state = next
      if (message) socket.send(message)
    }
    this.talks.add(say)
    socket.on('close', () => this.talks.delete(say))
    socket.on('message', data => {
      const before = Automerge.getHeads(this.doc)
      const [doc, next] = Automerge.receiveSyncMessage(this.doc, state, new Uint8Array(data))
      this.doc = doc
      state = next
      this.listener(before, doc)
      this.talks.forEach(talk => talk())
      if (equal(state.theirHeads, Automerge.getHeads(this.doc))) synced()
    })
    say()
  }

  put (id, document) {
    this.load([[id, document]], 1)
    this.talks.forEach(talk => talk())
  }

  watch (listener) {
    this.listener = (before, doc) => {
      const changed = Automerge.diff(doc, before, Automerge.getHeads(doc))
      listener([...new Set(changed.filter(patch => patch.path.length > 1).map(patch => patch.path[1]))])
    }
  }

  heads () {
    return [...Automerge.getHeads(this.doc)].sort().join()
  }

  documents () {
    return Object.entries(this.doc.documents ?? {}).map(([id, document]) => [id, plain(document)])
  }
}

serve(() => new Side())
