// LiveSync for pages and Node: what an alpha's Sync takes in the place of simple-peer, to sync through a room or with a
// listener over WebSocket, proved and sealed. README.md says how to use it. Needs WebCrypto with X25519, nothing else.

const { subtle } = globalThis.crypto
const NOTHING = new Uint8Array(0)
const [TEXT, BINARY, END, CONFIRMATION] = [0, 1, 2, 3] // types of sealed messages
const [OPEN, DATA, CREDIT, FIN, RESET, LISTENER, VERSION] = [1, 2, 3, 4, 5, 0x10, 1] // types of a room's frames
const ANSWERS = ['you', 'seated', 'taken', 'stood', 'found', 'nobody']
const [FRAGMENTS, INTRODUCE, PRESENCE] = [2, 256, 512] // bits of features
const [PIECE, PIECE_COST, WINDOW, LARGEST] = [65519, 16, 2 ** 20, 2 ** 18] // of messages in a room, in bytes
const [SEAL, WHOLE] = [17, 2 ** 26] // what sealing adds, and the largest message that is taken in pieces
const [PATIENCE, CLOSING] = [30_000, 5_000]
const PER_KEY = 65536
const CALLERS = 8
const BUSY = 65536 // bytes that a socket has not sent yet

export class Fault extends Error {
  constructor (kind, message) { Object.assign(super(`${kind}: ${message}`), { kind }) }
}

export const utf8 = text => new TextEncoder().encode(text)
export const textOf = bytes => new TextDecoder().decode(bytes)
const must = (isKept, kind, rule) => { if (!isKept) throw new Fault(kind, rule) }
const u32 = n => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n)
const readU32 = (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)

export function concat (...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  parts.reduce((at, part) => whole.set(part, at) ?? at + part.length, 0)
  return whole
}

/** Of base64. */
function bytesOf (text) {
  try {
    return Uint8Array.from(atob(text), char => char.charCodeAt(0))
  } catch {
    throw new Fault('MALFORMED', 'presence that is no base64')
  }
}

export function within (time, promise) {
  let timer
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Fault('TIMEOUT', 'nothing came in time')), time)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

// ---- The handshake, as docs/sealed-sessions.md has it

async function hmac (key, ...parts) {
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await subtle.sign('HMAC', imported, concat(...parts)))
}

async function derive (chaining, input, outputs) {
  const [key, all] = [await hmac(chaining, input), []]
  for (let i = 1; i <= outputs; i++) all.push(await hmac(key, all.at(-1) ?? NOTHING, Uint8Array.of(i)))
  return all
}

class Cipher {
  count = 0
  constructor (key) { this.key = key }

  async run (mode, number, bytes, additionalData = NOTHING) {
    this.imported ??= await subtle.importKey('raw', this.key, 'AES-GCM', false, ['encrypt', 'decrypt'])
    const iv = new Uint8Array(12)
    new DataView(iv.buffer).setBigUint64(4, BigInt(number))
    return new Uint8Array(await subtle[mode]({ name: 'AES-GCM', iv, additionalData }, this.imported, bytes))
  }

  async next (mode, bytes, additional) {
    if (this.count > 0 && this.count % PER_KEY === 0) {
      this.key = (await this.run('encrypt', 2n ** 64n - 1n, new Uint8Array(32))).slice(0, 32)
      this.imported = undefined
    }
    return this.run(mode, this.count++, bytes, additional)
  }

  encrypt (plain, additional) { return this.next('encrypt', plain, additional) }

  decrypt (sealed, additional) {
    return this.next('decrypt', sealed, additional).catch(() => {
      throw new Fault('AUTHENTICATION', 'the other end has another secret, or somebody in between changed something')
    })
  }
}

async function newPair () {
  const { privateKey, publicKey } = await subtle.generateKey('X25519', false, ['deriveBits'])
  return { privateKey, raw: new Uint8Array(await subtle.exportKey('raw', publicKey)) }
}

async function agree ({ privateKey }, theirs) {
  const key = await subtle.importKey('raw', theirs, 'X25519', false, [])
  const bits = await subtle.deriveBits({ name: 'X25519', public: key }, privateKey, 256).catch(() => NOTHING)
  const shared = new Uint8Array(bits)
  must(shared.some(byte => byte !== 0), 'AUTHENTICATION', 'a key of small order')
  return shared
}

/** Noise_NNpsk0: who dials writes the first message, the other the second. Resolves with keys and what was said. */
export async function handshake (dials, { secret, database = '' }, payload, { send, receive }, pair) {
  const ours = pair ?? await newPair()
  let [said, theirs, cipher] = []
  let hash = utf8('Noise_NNpsk0_25519_AESGCM_SHA256')
  let chaining = hash
  const mix = async bytes => { hash = new Uint8Array(await subtle.digest('SHA-256', concat(hash, bytes))) }
  const mixKey = async (input, outputs = 2) => {
    const all = await derive(chaining, input, outputs)
    ;[chaining, cipher] = [all[0], new Cipher(all.at(-1))]
    return all
  }
  const first = await hmac(utf8('livesync/sealed/1'), utf8(secret))
  const hintKey = await hmac(first, utf8('hint'), Uint8Array.of(1))
  const head = async key => concat(Uint8Array.of(1), (await hmac(hintKey, key)).subarray(0, 8))
  const prologue = [utf8('livesync/sealed/1'), utf8('acceptor'), NOTHING, NOTHING, utf8(database)]
  await mix(concat(...prologue.flatMap(item => [u32(item.length), item])))
  await mix((await mixKey(await hmac(first, utf8('psk'), Uint8Array.of(1)), 3))[1])
  for (const isFirst of [true, false]) { // each has a key and a payload; the second agrees on the rest
    const isOurs = isFirst === dials
    const message = isOurs ? NOTHING : await receive()
    must(isOurs || !isFirst || message[0] === 1, 'UNSUPPORTED', 'another version of sealed sessions')
    const noise = message.slice(isFirst ? 9 : 0)
    theirs = isOurs ? theirs : noise.subarray(0, 32)
    const key = isOurs ? ours.raw : theirs
    await mix(key)
    await mixKey(key)
    if (!isFirst) await mixKey(await agree(ours, theirs))
    const sealed = isOurs ? await cipher.encrypt(payload, hash) : noise.subarray(32)
    if (!isOurs) said = await cipher.decrypt(sealed, hash)
    await mix(sealed)
    if (isOurs) await send(concat(isFirst ? await head(key) : NOTHING, key, sealed))
  }
  const keys = (await derive(chaining, NOTHING, 2)).map(key => new Cipher(key))
  return { said, hash, sending: keys[dials ? 0 : 1], receiving: keys[dials ? 1 : 0] }
}

/** What an end says of itself, in dag-cbor: its features, and under which name others find it, if they do. */
export function payloadOf (features, name = '') {
  const head = (major, n) => n < 24 ? [major + n] : n < 256 ? [major + 24, n] : [major + 25, n >> 8, n & 255]
  const named = name ? [0x61, 0x6e, ...head(0x60, name.length), ...utf8(name)] : []
  return Uint8Array.of(name ? 0xa2 : 0xa1, 0x61, 0x66, ...head(0, features), ...named)
}

/** The features that the other end has said. */
export function featuresOf (payload) {
  let at = 0
  const next = () => {
    const [major, low] = [payload[at] >> 5, payload[at++] & 31]
    const size = low < 24 ? 0 : 2 ** (low - 24)
    const number = size ? payload.subarray(at, at += size).reduce((sum, byte) => sum * 256 + byte, 0) : low
    return major === 2 || major === 3 ? textOf(payload.subarray(at, at += number)) : number
  }
  for (let left = next(); left > 0; left--) {
    const [key, value] = [next(), next()]
    if (key === 'f') return value
  }
  return 0
}

// ---- Sessions

/** In the place of a message of the handshake may be a text that says why there is none. */
function answerOf (message) {
  if (typeof message !== 'string') return message
  const { kind, message: why } = JSON.parse(message).error
  throw new Fault(kind, why)
}

/** A sealed session over a link. One call of `receive` at a time. */
class Session {
  turn = Promise.resolve()

  /** Throws what went wrong, and tells the other end. With `names.direct` it goes on directly, if it can. */
  static async open (link, dials, names) {
    const session = Object.assign(new Session(), { first: link, link })
    try {
      await session.prove(dials, names)
    } catch (cause) {
      const fault = cause instanceof Fault ? cause : new Fault('AUTHENTICATION', cause.message)
      const text = JSON.stringify({ error: { kind: fault.kind, message: 'the handshake failed' } })
      link.send(text).catch(() => {}).finally(() => link.close())
      throw fault
    }
    if (names.direct && session.said & INTRODUCE) await names.direct(session, dials)
    if (names.presence && session.said & PRESENCE) session.shows(names.presence)
    return session
  }

  async prove (dials, names) {
    const { link } = this
    const payload = payloadOf(FRAGMENTS + (names.direct ? INTRODUCE : 0) + (names.presence ? PRESENCE : 0), names.name)
    const receive = async () => answerOf(await within(PATIENCE, link.receive()))
    this.keys = await handshake(dials, names, payload, { send: message => link.send(message), receive })
    this.said = featuresOf(this.keys.said)
    this.inPieces = Boolean(this.said & FRAGMENTS)
    if (dials) return this.seal(NOTHING, CONFIRMATION)
    const { type } = await within(PATIENCE, this.next())
    must(type === CONFIRMATION, 'AUTHENTICATION', 'no confirmation')
  }

  async seal (content, type) {
    await this.link.send(await this.keys.sending.encrypt(concat(content, Uint8Array.of(type))))
  }

  /** Sends a string or bytes, behind what was sent before. */
  send (message) { return (this.turn = this.turn.then(() => this.write(message))) }

  /** In pieces, if it is long and the other end knows of pieces. */
  async write (message) {
    const isText = typeof message === 'string'
    const bytes = isText ? utf8(message) : message
    const most = Math.min(PIECE, this.link.most) - SEAL
    if (bytes.length <= most || !this.inPieces) return this.seal(bytes, isText ? TEXT : BINARY)
    const begin = { kind: isText ? 'text' : 'binary', bytes: bytes.length }
    await this.seal(utf8(JSON.stringify({ begin })), TEXT)
    for (let at = 0; at < bytes.length; at += most) await this.seal(bytes.subarray(at, at + most), BINARY)
  }

  /** From here on it carries presence beside the alpha's messages. */
  shows (presence) {
    const send = bytes => this.send(JSON.stringify({ presence: btoa(String.fromCharCode(...bytes)) }))
    this.shown = presence.attach(send, () => this.link.isBusy)
  }

  async next () {
    const message = await this.link.receive()
    must(typeof message !== 'string', 'AUTHENTICATION', 'a text that is not sealed')
    const plain = await this.keys.receiving.decrypt(message)
    return { type: plain.at(-1), content: plain.subarray(0, -1) }
  }

  /** The next message; undefined after the last. */
  async receive () {
    const { type, content } = await this.next()
    must(type <= END, 'AUTHENTICATION', 'a message of an unknown type')
    if (type !== TEXT) return type === END ? undefined : content
    const text = textOf(content)
    if (this.shown && text.startsWith('{"presence"')) {
      this.shown.take(bytesOf(JSON.parse(text).presence))
      return this.receive()
    }
    return this.inPieces && text.startsWith('{"begin"') ? this.gather(JSON.parse(text).begin) : text
  }

  async gather ({ kind, bytes }) {
    const isTaken = Number.isInteger(bytes) && bytes > 0 && bytes <= WHOLE
    must(isTaken, 'LIMIT_EXCEEDED', `a message of ${bytes} bytes, where ${WHOLE} are taken`)
    const whole = new Uint8Array(bytes)
    for (let at = 0; at < bytes;) {
      const { type, content } = await this.next()
      const fits = type === BINARY && content.length > 0 && content.length <= bytes - at
      must(fits, 'MALFORMED', 'pieces that are not of the message that was announced')
      whole.set(content, at)
      at += content.length
    }
    return kind === 'text' ? textOf(whole) : whole
  }

  async close () {
    this.shown?.end()
    await within(CLOSING, (this.turn = this.turn.then(() => this.seal(NOTHING, END)))).catch(() => {})
    this.link.close()
  }
}

// ---- What carries a session: a WebSocket of its own, or a channel of a room

/** Messages one after the other. `done` tells the fault with which it ended. */
export class Link {
  inbox = []
  waiting = []
  most = Infinity
  done = new Promise(resolve => { this.ended = resolve })

  /** Waits until something has changed here. */
  async change () {
    if (this.over) throw this.over
    await new Promise(resolve => this.waiting.push(resolve))
  }

  wake () { for (const resolve of this.waiting.splice(0)) resolve() }

  put (message, cost) {
    this.inbox.push({ message, cost })
    this.wake()
  }

  async receive () {
    while (this.inbox.length === 0) await this.change()
    const { message, cost } = this.inbox.shift()
    this.taken(cost)
    return message
  }

  taken () {}

  end (fault) {
    this.over ??= fault
    this.ended(this.over)
    this.wake()
  }
}

class SocketLink extends Link {
  /** Opens a socket; texts and bytes of it go to `take`. */
  async dial (url, { WebSocket = globalThis.WebSocket, token, dialled }) {
    let socket
    try {
      socket = this.socket = new WebSocket(token ? `${url}?token=${encodeURIComponent(token)}` : url)
    } catch (cause) { // no URL, or a page of https may not go there
      throw new Fault('INVALID_ARGUMENT', cause.message)
    }
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => {
      try {
        this.take(typeof data === 'string' ? data : new Uint8Array(data))
      } catch {
        socket.close(4002, 'not what this protocol says')
      }
    }
    socket.onopen = () => this.wake()
    socket.onerror = () => {} // its close follows
    socket.onclose = ({ code, reason }) => {
      const kind = !this.isOpen ? 'UNREACHABLE' : code >= 4001 && code <= 4003 ? 'REFUSED' : 'DISCONNECTED'
      this.end(new Fault(kind, this.isOpen ? `the socket closed: ${code} ${reason}` : `there is no way to ${url}`))
    }
    dialled(this)
    await this.change()
    if (this.over) throw this.over
    this.isOpen = true
    return this
  }

  get isBusy () { return this.socket.bufferedAmount > BUSY }
  take (message) { this.put(message) }
  async send (message) { this.socket.send(message) }

  close () {
    this.socket.close(1000)
    if (!this.over) within(CLOSING, this.done).catch(fault => this.end(fault))
  }

  end (fault) {
    super.end(fault)
    this.close()
  }
}

/** A channel of a room, as docs/room-protocol.md has it. */
class Channel extends Link {
  get isBusy () { return this.room.isBusy }
  allowed = WINDOW
  owed = 0
  pieces = []

  constructor (room, id, number, bit) {
    Object.assign(super(), { room, id, number, bit, name: `${bit} ${number} ${id}` })
  }

  frame (type, ...payload) {
    const name = utf8(this.id)
    const head = [Uint8Array.of(name.length), name, Uint8Array.of(type | this.bit), u32(this.number)]
    this.room.socket.send(concat(...head, ...payload))
  }

  /** Takes what the other end said of itself. */
  open (said) {
    must(said[0] === VERSION && said.length === 9, 'MALFORMED', 'another version')
    Object.assign(this, { credit: readU32(said, 1), most: readU32(said, 5) })
    this.room.channels.set(this.name, this)
    this.wake()
  }

  take (type, payload) {
    if (type === RESET) return this.end(new Fault('DISCONNECTED', `the other end gave up: ${textOf(payload)}`))
    if (type === OPEN && !this.bit && this.credit === undefined) return this.open(payload)
    must(this.credit !== undefined, 'MALFORMED', 'a channel that is not open')
    if (type === DATA) this.data(payload[0], payload.subarray(1))
    else if (type === CREDIT && payload.length === 4) this.grant(readU32(payload, 0))
    else if (type === FIN) this.finish()
    else must(false, 'MALFORMED', 'an unknown frame')
  }

  grant (bytes) {
    this.credit += bytes
    must(bytes > 0 && this.credit <= 2 ** 31, 'MALFORMED', 'a credit that cannot be')
    this.wake()
  }

  data (flags, piece) {
    this.allowed -= piece.length + PIECE_COST
    must(flags <= 3 && piece.length <= PIECE && this.allowed >= 0, 'MALFORMED', 'more than was granted')
    this.pieces.push(piece)
    if (flags & 2) return
    const [whole, cost] = [concat(...this.pieces), PIECE_COST * this.pieces.length]
    this.pieces = []
    must(whole.length <= LARGEST, 'MALFORMED', 'too large a message')
    if (this.closing) this.taken(whole.length + cost)
    else this.put(flags & 1 ? whole : textOf(whole), whole.length + cost)
  }

  taken (cost) {
    this.owed += cost
    if (this.over || this.owed < WINDOW / 4) return
    this.frame(CREDIT, u32(this.owed))
    Object.assign(this, { allowed: this.allowed + this.owed, owed: 0 })
  }

  async send (message) {
    const [kind, bytes] = typeof message === 'string' ? [0, utf8(message)] : [1, message]
    must(bytes.length <= this.most, 'LIMIT_EXCEEDED', `a message of ${bytes.length} bytes; ${this.most} are taken`)
    for (let at = 0, more = true; more;) {
      while (this.over || this.credit <= PIECE_COST) await this.change()
      const piece = bytes.subarray(at, at + Math.min(PIECE, this.credit - PIECE_COST))
      at += piece.length
      more = at < bytes.length
      this.credit -= piece.length + PIECE_COST
      this.frame(DATA, Uint8Array.of(kind | (more ? 2 : 0)), piece)
    }
  }

  /** Behind what was sent; what comes from then on is dropped. */
  close () {
    this.closing = true
    for (const { cost } of this.inbox.splice(0)) this.taken(cost)
    this.fin()
    within(CLOSING, this.done).catch(fault => this.reset(fault.message))
  }

  fin () {
    if (!this.over && !this.said) this.frame(FIN)
    this.said = true
  }

  finish () {
    this.fin()
    this.end(new Fault('CLOSED', 'the other end has closed'))
  }

  reset (why) {
    this.frame(RESET, utf8(why))
    this.end(new Fault('DISCONNECTED', why))
  }

  end (fault) {
    this.room.channels.delete(this.name)
    super.end(fault)
  }
}

/** Its messages are the room's answers, one to each question. */
class Room extends SocketLink {
  channels = new Map()
  seats = new Map()

  static async join (url, options) {
    const room = await new Room().dial(url, options)
    const { room: version, peers } = await within(PATIENCE, room.receive())
    must(version === 1, 'UNSUPPORTED', `a room of version ${version}`)
    return Object.assign(room, { peers })
  }

  async ask (what) {
    await this.send(JSON.stringify(what))
    return within(PATIENCE, this.receive())
  }

  take (message) {
    if (typeof message !== 'string') return this.frame(message)
    const said = Object(JSON.parse(message))
    if (this.inbox.length === 0 && ANSWERS.some(key => key in said)) this.put(said)
    const gone = [...this.channels.values()].filter(({ id }) => id === (said.left ?? said.gone))
    for (const channel of gone) channel.end(new Fault('DISCONNECTED', 'the other end has left'))
  }

  frame (frame) {
    const at = 1 + frame[0]
    if (frame.length < at + 5) return
    const [id, type, number] = [textOf(frame.subarray(1, at)), frame[at], readU32(frame, at + 1)]
    const payload = frame.subarray(at + 5)
    const bit = (type & LISTENER) ^ LISTENER
    const known = this.channels.get(`${bit} ${number} ${id}`)
    const channel = known ?? new Channel(this, id, number, bit)
    try {
      if (known) known.take(type & ~LISTENER, payload)
      else if (type === OPEN) this.accept(channel, payload)
      else if ((type & ~LISTENER) !== RESET) channel.reset('there is no such channel')
    } catch (fault) {
      channel.reset(fault.message)
    }
  }

  accept (channel, payload) {
    const seat = textOf(payload.subarray(2, 2 + payload[1]))
    if (!this.seats.has(seat)) return channel.reset('nobody listens here')
    channel.open(concat(payload.subarray(0, 1), payload.subarray(2 + payload[1])))
    channel.frame(OPEN, Uint8Array.of(VERSION), u32(WINDOW), u32(LARGEST))
    this.seats.get(seat)(channel)
  }

  /** A channel to whoever has a seat. */
  async call (seat) {
    const { id } = await this.ask({ find: seat })
    must(id, 'UNREACHABLE', `nobody is at ${seat}`)
    const channel = new Channel(this, id, crypto.getRandomValues(new Uint32Array(1))[0], 0)
    this.channels.set(channel.name, channel)
    channel.frame(OPEN, Uint8Array.of(VERSION, seat.length), utf8(seat), u32(WINDOW), u32(LARGEST))
    await within(PATIENCE, channel.change())
    if (channel.over) throw channel.over
    return channel
  }

  end (fault) {
    for (const channel of [...this.channels.values()]) channel.end(fault)
    super.end(fault)
  }
}

// ---- Peers

const SECRET = /^(?!\d{0,38}$)(?![\da-fA-F]{0,31}$)[\w-]{22,1024}$/
const PLACE = /^partykit(\+ws)?:(\/\/[^/]+\/parties\/[^/]+\/[^/]+)\/?([^/]*)$/

function parse (address) {
  const [where, secret] = address.split('#')
  const [, plain, room, seat] = PLACE.exec(where) ?? []
  must(secret === undefined || SECRET.test(secret), 'INVALID_ARGUMENT', 'the secret has no room for 128 bits')
  return { url: room ? `${plain ? 'ws' : 'wss'}:${room}` : where, base: `partykit${plain ?? ''}:${room}`, seat, secret }
}

const directOf = async ({ direct }) => direct && (await import('./direct.mjs')).introducing(direct)

async function dial (address, options) {
  const { url, seat, secret } = parse(address)
  must(secret, 'INVALID_ARGUMENT', 'this address has no secret')
  const names = { ...options, secret, direct: undefined }
  if (seat === undefined) return Session.open(await new SocketLink().dial(url, options), true, names)
  names.direct = await directOf(options)
  const room = await Room.join(url, options)
  let fault = new Fault('UNREACHABLE', 'nobody is in this room')
  for (const each of seat ? [seat] : Object.values(room.peers).flat()) {
    try {
      return await Session.open(await room.call(each), true, names)
    } catch (cause) {
      fault = cause
    }
  }
  throw fault
}

class Peer {
  handlers = {}

  constructor (options) {
    const dialled = socket => {
      this.socket = socket
      if (this.destroyed) socket.end(new Fault('CANCELLED', 'the peer was destroyed'))
    }
    this.options = { ...options, dialled }
  }

  on (event, handler) { (this.handlers[event] ??= []).push(handler) }
  async emit (event, value) { for (const handler of this.handlers[event] ?? []) await handler(value) }
  send (data) { this.session?.send(data).catch(fault => this.session.link.end(fault)) }

  async run (opening, signal) {
    try {
      this.session = await opening
      this.session.first.done.then(() => this.socket.close()) // the room has nothing more to do
      if (this.destroyed) await this.session.close()
      must(!this.destroyed, 'CANCELLED', 'the peer was destroyed before there was a session')
      if (signal) await this.emit('signal', signal)
      this.connected = true
      await this.emit('connect')
      for (let next = await this.session.receive(); next !== undefined; next = await this.session.receive()) {
        const data = typeof next === 'string' ? { toString: () => next } : next
        await this.emit('data', data).catch(fault => this.emit('error', fault))
      }
    } catch (cause) {
      const fault = cause instanceof Fault ? cause : new Fault('INTERNAL', cause.message)
      if (!this.destroyed || !this.connected) await this.emit('error', fault)
    }
    await this.destroy()
    await this.emit('close')
  }

  async destroy () {
    if (this.destroyed) return
    this.destroyed = true
    await this.session?.close()
    await this.session?.link.done
    this.socket?.end(new Fault('CANCELLED', 'the peer was destroyed'))
  }
}

/** Peers that dial an address. The `offer` of their Sync resolves with the session, and rejects if none comes. */
export const dialling = (address, options = {}) => class extends Peer {
  constructor () {
    super(options)
    this.run(dial(address, this.options), { type: 'dialled' })
  }
}

/** Peers that offer and accept in a room. Who offers sits where the address says, or anywhere; so with the secret. */
export const meeting = (address, options = {}) => class extends Peer {
  constructor ({ initiator }) {
    super(options)
    this.initiator = initiator
    if (initiator) this.run(this.#called())
  }

  /** Takes an offer. An answer says no more than that its author has called. */
  signal (said) { if (!this.initiator) this.run(dial(said.address, this.options), { type: 'answer' }) }

  /** Whoever calls first and proves the secret. `refused` tells of who does not. */
  async #called () {
    const { url, base, seat, secret = crypto.randomUUID() + crypto.randomUUID() } = parse(address)
    const mine = seat || crypto.randomUUID()
    const names = { ...options, name: mine, secret, direct: await directOf(options) }
    const room = await Room.join(url, this.options)
    let callers = 0
    const first = new Promise((resolve, reject) => {
      room.done.then(reject)
      room.seats.set(mine, channel => {
        if (++callers > CALLERS) channel.reset('too many callers at once')
        Session.open(channel, false, names)
          .then(session => room.seats.delete(mine) ? resolve(session) : session.close())
          .catch(fault => this.emit('refused', fault))
          .finally(() => callers--)
      })
    })
    first.catch(() => {}) // it is waited for below
    must(!(await room.ask({ sit: mine })).taken, 'IN_USE', `somebody else is at ${mine}`)
    await this.emit('signal', { type: 'offer', address: `${base}/${mine}#${secret}` })
    return first
  }
}
