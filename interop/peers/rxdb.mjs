// RxDB with its memory storage and its replication over WebSockets.

import { createServer } from 'node:net'
import { createRxDatabase } from 'rxdb'
import { replicateWithWebsocketServer, startWebsocketServer } from 'rxdb/plugins/replication-websocket'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { listen, serve } from '../lines.mjs'

const text = { type: 'string' }
const number = { type: 'number' }
const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 100 },
    name: text,
    city: text,
    born: number,
    rating: number,
    active: { type: 'boolean' },
    revision: number,
    tags: { type: 'array', items: text },
    note: text
  }
}

let count = 0

/** A port that was free a moment ago: RxDB's server takes a number, and says to nobody which one it got for 0. */
async function freePort () {
  const probe = createServer().listen(0, '127.0.0.1')
  const address = await listen(probe)
  await new Promise(resolve => probe.close(resolve))
  return Number(address.split(':')[1])
}

class Side {
  async open () {
    this.database = await createRxDatabase({ name: `side${++count}`, storage: getRxStorageMemory(), multiInstance: false })
    await this.database.addCollections({ documents: { schema } })
    this.collection = this.database.documents
    return this
  }

  async load (documents, batch) {
    for (let from = 0; from < documents.length; from += batch) {
      await this.collection.bulkInsert(documents.slice(from, from + batch).map(([id, document]) => ({ id, ...document })))
    }
  }

  async serve () {
    const port = await freePort()
    const { server } = startWebsocketServer({ database: this.database, host: '127.0.0.1', port, perMessageDeflate: false })
    return listen(server)
  }

  /** With batches ten times their usual size, which suits it. */
  async sync (address) {
    this.replication = await replicateWithWebsocketServer({
      collection: this.collection,
      replicationIdentifier: 'bench',
      url: `ws://${address}`,
      batchSize: 1000,
      live: true
    })
    // The one that closes the socket.
    this.hangUp = this.collection.onClose.pop()
    await this.replication.awaitInSync()
  }

  async leave () {
    if (!this.replication) return
    await this.replication.cancel()
    await this.hangUp()
    this.replication = null
  }

  put (id, document) {
    return this.collection.insert({ id, ...document })
  }

  watch (listener) {
    this.collection.$.subscribe(({ documentId }) => listener([documentId]))
  }

  async documents () {
    const all = await this.collection.find().exec()
    return all.map(each => {
      const { id, ...document } = each.toJSON()
      return [id, document]
    })
  }

  close () {
    return this.database.remove()
  }
}

serve(() => new Side().open())
