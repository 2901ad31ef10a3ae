// One end of a connection, simple-peer on @roamhq/wrtc, that sends back whatever arrives as what it arrived.
//   node echo.mjs offer     prints a signal, reads the answer to it
//   node echo.mjs answer    reads a signal, prints the answer to it
// One JSON value a line, both ways: signals, then {"open":…}, {"got":…}, {"closed":true}. The line "close" ends it.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import SimplePeer from 'simple-peer'
import wrtc from '@roamhq/wrtc'

const say = value => process.stdout.write(JSON.stringify(value) + '\n')
const peer = new SimplePeer({ initiator: process.argv[2] === 'offer', trickle: false, wrtc })

// simple-peer makes a Buffer of everything; only its channel knows text from binary.
const watch = () => {
  const channel = peer._channel
  const forward = channel.onmessage
  channel.onmessage = event => {
    const text = typeof event.data === 'string'
    const bytes = Buffer.from(event.data)
    say({ got: text ? 'text' : 'binary', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    channel.send(text ? event.data : bytes)
    forward.call(channel, event)
  }
}
const setUp = peer._setupData.bind(peer)
peer._setupData = event => {
  setUp(event)
  watch()
}
if (peer._channel) watch()

peer.on('signal', say)
peer.on('connect', () => say({ open: true }))
peer.on('close', () => {
  say({ closed: true })
  setTimeout(() => process.exit(0), 100)
})
peer.on('error', error => say({ error: String(error) }))

createInterface({ input: process.stdin }).on('line', line => {
  if (line === 'close') peer.destroy()
  else if (line === 'abort') process.kill(process.pid, 'SIGKILL')
  else peer.signal(JSON.parse(line))
})
