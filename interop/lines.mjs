// The child's end of ./livesync bench alongside and suite: `word name=value …` in, `ok name=value …` or `error message=…` out.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'

// stdout carries answers; what libraries print is for nobody.
for (const name of ['log', 'error', 'warn', 'info', 'debug', 'trace', 'time', 'timeEnd']) console[name] = () => {}
process.on('unhandledRejection', () => {})

const decode = text => decodeURIComponent(text.replaceAll('+', ' '))

function parse (line) {
  const [word, ...fields] = line.trim().split(' ')
  return { word, ...Object.fromEntries(fields.map(f => f.split('=').map(decode))) }
}

/** JSON with its keys in order, so that equal documents look equal. */
function canonical (value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.keys(value).sort().map(k => `${JSON.stringify(k)}:${canonical(value[k])}`).join()}}`
}

async function digest (side) {
  const hash = createHash('sha256')
  const lines = (await side.documents()).map(([id, document]) => `${id} ${canonical(document)}\n`)
  lines.sort().forEach(line => hash.update(line))
  return hash.digest('hex')
}

const read = async file => (await readFile(file, 'utf8')).trimEnd().split('\n').map(line => JSON.parse(line))

/** The wall clock in microseconds: one for all processes of a machine. */
const micros = () => Math.round((performance.timeOrigin + performance.now()) * 1000)

const pause = millis => new Promise(resolve => setTimeout(resolve, millis))

/** The most memory that this process has had, in bytes; -1 where the system doesn't say. */
async function peak () {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const found = /VmHWM:\s+([0-9]+) kB/.exec(status)
  return found ? Number(found[1]) * 1024 : -1
}

/** One document after the other at a fixed pace, late ones at once; when each was put. */
async function putPaced (side, documents, interval) {
  const times = []
  const start = performance.now()
  for (const [i, [id, document]] of documents.entries()) {
    const wait = start + i * interval - performance.now()
    if (wait > 0) await pause(wait)
    times.push(micros())
    await side.put(id, document)
  }
  return times
}

/**
 * Answers until stdin ends. A side is one database of the system: `load(documents, batch)` writes `[id, document]` pairs so many at
 * once, `serve()` answers with an address, `sync(address, live)` ends when everything that was there is here, `leave()` when the connection
 * is gone and nothing moves, `documents()` answers with all pairs, `heads()`, if it has that, with what is equal where they are, `close()` frees it.
 * What changes while it is connected goes to the other at once, at least if it was told to be live: `put(id, document)` changes one,
 * and `watch(listener)` names a listener that is called with the ids of what has changed, once it can be read.
 */
export async function serve (open) {
  const sides = new Map()
  const arrivals = new Map()
  const words = {
    open: async ({ name }) => void sides.set(name, await open()),
    close: async ({ name }) => {
      await sides.get(name).close()
      sides.delete(name)
    },
    load: async ({ name, file, batch }) => {
      await sides.get(name).load(await read(file), Number(batch))
    },
    serve: async ({ name }) => ({ address: await sides.get(name).serve() }),
    sync: async ({ name, address, stay, live }) => {
      const start = process.hrtime.bigint()
      await sides.get(name).sync(address, live === 'true')
      const nanos = process.hrtime.bigint() - start
      if (stay !== 'true') await sides.get(name).leave()
      return { nanos }
    },
    leave: ({ name }) => sides.get(name).leave(),
    watch: async ({ name }) => {
      arrivals.clear()
      await sides.get(name).watch(ids => {
        const now = micros()
        for (const id of ids) if (!arrivals.has(id)) arrivals.set(id, now)
      })
    },
    'put-paced': async ({ name, file, micros }) =>
      ({ times: (await putPaced(sides.get(name), await read(file), Number(micros) / 1000)).join('_') }),
    arrived: async ({ file }) => {
      const wanted = (await read(file)).map(([id]) => id)
      const deadline = performance.now() + 60_000
      while (!wanted.every(id => arrivals.has(id))) {
        if (performance.now() > deadline) throw new Error(`${wanted.find(id => !arrivals.has(id))} has not arrived`)
        await pause(2)
      }
      return { times: wanted.map(id => arrivals.get(id)).join('_') }
    },
    memory: async () => ({ peak: await peak() }),
    cpu: () => ({ nanos: Object.values(process.cpuUsage()).reduce((a, b) => a + b) * 1000 }),
    heads: async ({ name }) => ({ heads: await (sides.get(name).heads?.() ?? digest(sides.get(name))) }),
    summary: async ({ name }) => ({ documents: (await sides.get(name).documents()).length })
  }
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    let answer
    try {
      const request = parse(line)
      if (!words[request.word]) throw new Error(`no word ${request.word}`)
      const fields = Object.entries((await words[request.word](request)) ?? {})
      answer = ['ok', ...fields.map(([k, v]) => `${k}=${encodeURIComponent(v)}`)].join(' ')
    } catch (e) {
      answer = `error message=${encodeURIComponent(e?.stack ?? e)}`
    }
    process.stdout.write(answer + '\n')
  }
  process.exit(0)
}

/** Listens on a free port of the loopback and answers with the address. */
export async function listen (server) {
  if (!server.address()) await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
  return `127.0.0.1:${server.address().port}`
}
