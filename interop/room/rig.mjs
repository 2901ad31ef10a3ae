// Runs the room of examples/partykit on a free port of this machine until stdin ends.
//   node rig.mjs workerd|partykit [PORT]
// Says {"url":"ws://127.0.0.1:PORT/parties/livesync/"} when it is ready. LIVESYNC_TOKEN is the token that the room wants, if it wants one.
// PartyKit's own server listens on every interface and can't be told otherwise; workerd stays on loopback.

import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const EXAMPLE = fileURLToPath(new URL('../../examples/partykit/', import.meta.url))
const TRIES = 5
const [runtime, port = '0'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'livesync-room-'))
const program = name => join(EXAMPLE, 'node_modules/.bin', name)
const token = process.env.LIVESYNC_TOKEN ?? ''
let child

/** The process and its children, which are of its group. */
function stop () {
  try {
    if (child) process.kill(-child.pid, 'SIGKILL')
  } catch { /* it has ended */ }
}

function end (code) {
  stop()
  rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}

/** Starts a program; answers with the port that a line of it tells, or with nothing if it ended. */
function start (name, options, cwd, portOf) {
  const mine = spawn(program(name), options, { cwd, env: { ...process.env, PWD: cwd }, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  child = mine
  return new Promise((resolve, reject) => {
    mine.once('error', reject)
    mine.once('exit', () => resolve(undefined))
    createInterface({ input: mine.stdout }).on('line', line => {
      const told = portOf(line)
      if (told) resolve(told)
    })
  })
}

function workerd () {
  const bundle = ['worker.js', '--bundle', '--format=esm', '--external:cloudflare:workers', '--log-level=warning']
  const built = spawnSync(program('esbuild'), [...bundle, `--outfile=${join(folder, 'target/worker.js')}`], { cwd: EXAMPLE, stdio: ['ignore', 2, 2] })
  if (built.status !== 0) throw new Error('esbuild failed')
  copyFileSync(join(EXAMPLE, 'room.capnp'), join(folder, 'room.capnp'))
  return start('workerd', ['serve', 'room.capnp', '--socket-addr', `http=127.0.0.1:${port}`, '--control-fd', '1'], folder, line => JSON.parse(line).port)
}

/** A port that nobody has at this moment. */
const freePort = () => new Promise((resolve, reject) => {
  const server = createServer().once('error', reject).listen(0, '0.0.0.0', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})

async function partykit () {
  const chosen = port === '0' ? await freePort() : Number(port)
  const options = ['dev', '-p', chosen, '--no-hotkeys', '--disable-request-cf-fetch', '--persist', 'false']
  if (token) options.push('--var', `LIVESYNC_TOKEN=${token}`)
  return start('partykit', options, EXAMPLE, line => line.includes('Ready on') && chosen)
}

process.env.CI ??= '1' // PartyKit asks questions otherwise
process.stdin.on('end', () => end(0)).resume()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(1))

let ready
for (let i = 0; !ready && i < TRIES; i++) ready = await { workerd, partykit }[runtime]()
if (!ready) {
  console.error(`${runtime} does not start`)
  end(1)
}
child.once('exit', () => end(1))
process.stdout.write(JSON.stringify({ url: `ws://127.0.0.1:${ready}/parties/livesync/` }) + '\n')
