// Holds connections open at a listener without ever proving anything: a third says nothing, a third dribbles a byte of a proper
// beginning now and then, a third goes as far as anybody can (a WebSocket that brings no message). What is closed comes back.
//   node scripts/strangers.mjs COUNT PORT ws|wss|libp2p
// Prints how many are connected once a second. Source addresses are 127.0.1.1 to 127.0.1.8, for the ports that one address has.
import net from 'node:net'
import tls from 'node:tls'

const [count, port] = [Number(process.argv[2]), Number(process.argv[3])]
const kind = process.argv[4]
const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
  + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
const BEGINNING = {
  ws: Buffer.from(REQUEST),
  wss: Buffer.from('16030100f8010000f40303', 'hex'),
  libp2p: Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n')
}[kind]
const BACK_AFTER_MS = 200
let open = 0

function stranger (i) {
  const where = { port, host: '127.0.0.1', localAddress: `127.0.1.${1 + i % 8}` }
  const mode = i % 3
  let timer
  const socket = mode === 2 && kind === 'wss' ? tls.connect({ ...where, rejectUnauthorized: false }) : net.connect(where)
  let counted = false
  socket.on('connect', () => {
    counted = true
    open++
    if (mode === 1) {
      let at = 0
      timer = setInterval(() => { if (at < BEGINNING.length) socket.write(BEGINNING.subarray(at, ++at)) }, 500)
    } else if (mode === 2 && kind !== 'wss') {
      socket.write(BEGINNING)
    }
  })
  socket.on('secureConnect', () => socket.write(REQUEST))
  socket.on('data', () => {})
  socket.on('error', () => {})
  socket.on('close', () => {
    clearInterval(timer)
    if (counted) open--
    setTimeout(() => stranger(i), BACK_AFTER_MS)
  })
}

for (let i = 0; i < count; i++) setTimeout(stranger, i / 5, i)
setInterval(() => console.log(open), 1000)
