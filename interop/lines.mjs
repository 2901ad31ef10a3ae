// The child's end of ./livesync bench alongside: `word name=value …` in, `ok name=value …` or `error message=…` out.

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

/**
 * Answers until stdin ends. A side is one database of the system: `load(documents, batch)` writes `[id, document]` pairs so many at
 * once, `serve()` answers with an address, `sync(address)` ends when everything that was there is here, `leave()` when the connection
 * is gone and nothing moves, `documents()` answers with all pairs, `heads()`, if it has that, with what is equal where they are, `close()` frees it.
 */
export async function serve (open) {
  const sides = new Map()
  const words = {
    open: async ({ name }) => void sides.set(name, await open()),
    close: async ({ name }) => {
      await sides.get(name).close()
      sides.delete(name)
    },
    load: async ({ name, file, batch }) => {
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
      await sides.get(name).load(lines.map(line => JSON.parse(line)), Number(batch))
    },
    serve: async ({ name }) => ({ address: await sides.get(name).serve() }),
    sync: async ({ name, address }) => {
      const start = process.hrtime.bigint()
      await sides.get(name).sync(address)
      const nanos = process.hrtime.bigint() - start
      await sides.get(name).leave()
      return { nanos }
    },
    leave: ({ name }) => sides.get(name).leave(),
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
