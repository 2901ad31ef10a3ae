// PouchDB with its memory adapter, replicating both ways over HTTP with express-pouchdb.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import expressPouch from 'express-pouchdb'
import http from 'pouchdb-adapter-http'
import memory from 'pouchdb-adapter-memory'
import PouchDB from 'pouchdb-core'
import mapreduce from 'pouchdb-mapreduce'
import replication from 'pouchdb-replication'
import { listen, serve } from '../lines.mjs'

PouchDB.plugin(memory).plugin(http).plugin(mapreduce).plugin(replication)

let count = 0

class Side {
  name = `side${++count}`
  database = new PouchDB(this.name, { adapter: 'memory' })

  async load (documents, batch) {
    for (let from = 0; from < documents.length; from += batch) {
      await this.database.bulkDocs(documents.slice(from, from + batch).map(([id, document]) => ({ _id: id, ...document })))
    }
  }

  async serve () {
    const app = express()
    app.use('/', expressPouch(PouchDB.defaults({ adapter: 'memory' }), {
      mode: 'minimumForPouchDB',
      inMemoryConfig: true,
      logPath: join(tmpdir(), 'livesync-bench-pouchdb.log')
    }))
    this.server = app.listen(0, '127.0.0.1')
    return `${await listen(this.server)}/${this.name}`
  }

  /** With batches ten times their usual size, which suits it. */
  sync (address, live) {
    const replication = this.database.sync(new PouchDB(`http://${address}`), { batch_size: 1000, batches_limit: 10, live })
    if (!live) return replication
    this.replication = replication
    return new Promise((resolve, reject) => replication.once('paused', resolve).once('error', reject))
  }

  async leave () {
    if (!this.replication) return
    const complete = new Promise(resolve => this.replication.once('complete', resolve))
    this.replication.cancel()
    await complete
    this.replication = null
  }

  put (id, document) {
    return this.database.put({ _id: id, ...document })
  }

  watch (listener) {
    this.database.changes({ since: 'now', live: true }).on('change', ({ id }) => listener([id]))
  }

  async documents () {
    const { rows } = await this.database.allDocs({ include_docs: true })
    return rows.map(({ id, doc: { _id, _rev, ...document } }) => [id, document])
  }

  async close () {
    this.server?.close()
    await this.database.destroy()
  }
}

serve(() => new Side())
