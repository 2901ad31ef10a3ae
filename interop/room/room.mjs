// What carries a session: a WebSocket of its own, or a channel of a room as docs/room-protocol.md has it.

import { concat, Fault, PATIENCE, textOf, u32, utf8, within } from './session.mjs'

const [OPEN, DATA, CREDIT, FIN, RESET, LISTENER, VERSION] = [1, 2, 3, 4, 5, 0x10, 1]
const ANSWERS = ['you', 'seated', 'taken', 'stood', 'found', 'nobody']
const PIECE = 65519
const PIECE_COST = 16
const PIECES = 2 ** 16
const WINDOW = 2 ** 20
const LARGEST = 2 ** 26

const readU32 = (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)

function connect (url, { WebSocket = globalThis.WebSocket, token }, take, ended) {
  const socket = new WebSocket(token ? `${url}?token=${encodeURIComponent(token)}` : url)
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }) => {
    try {
      take(typeof data === 'string' ? data : new Uint8Array(data))
    } catch {
      socket.close(4002, 'not what this protocol says')
    }
  }
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket)
    socket.onerror = () => {} // its close follows
    socket.onclose = ({ code, reason }) => {
      reject(new Fault('UNREACHABLE', `there is no way to ${url}`))
      ended(new Fault(code >= 4001 && code <= 4003 ? 'REFUSED' : 'DISCONNECTED', `the socket closed: ${code} ${reason}`))
    }
  })
}

/** Messages one after the other. `done` tells the fault with which it ended. */
export class Link {
  inbox = []
  done = new Promise(resolve => { this.ended = resolve })

  receive () {
    if (this.inbox.length > 0) return Promise.resolve(this.inbox.shift()).then(({ message, cost }) => this.taken(cost) ?? message)
    if (this.over) return Promise.reject(this.over)
    return new Promise((resolve, reject) => { this.waiting = { resolve, reject } })
  }

  put (message, cost) {
    if (this.waiting) this.waiting.resolve(message)
    else this.inbox.push({ message, cost })
    this.waiting = undefined
  }

  end (fault) {
    this.over ??= fault
    this.waiting?.reject(fault)
    this.ended(fault)
  }
}

export class SocketLink extends Link {
  async dial (url, options) {
    this.socket = await connect(url, options, message => this.put(message), fault => this.end(fault))
    return this
  }

  async send (message) { this.socket.send(message) }
  close () { this.socket.close(1000) }
  taken () {}
}

class Channel extends Link {
  turn = Promise.resolve()
  allowed = WINDOW
  pieces = []
  size = 0
  held = 0
  owed = 0

  constructor (room, id, number, bit) {
    Object.assign(super(), { room, id, number, bit, name: `${bit} ${number} ${id}` })
  }

  frame (type, ...payload) { this.room.send(this.id, type | this.bit, this.number, ...payload) }

  /** Takes what the other end said of itself. */
  open (payload, at) {
    this.require(payload[0] === VERSION && payload.length === at + 8, 'another version')
    Object.assign(this, { credit: readU32(payload, at), largest: readU32(payload, at + 4) })
    this.room.channels.set(this.name, this)
    this.opened?.()
  }

  require (isKept, rule) { if (!isKept) throw new Fault('MALFORMED', rule) }

  take (type, payload) {
    if (type === RESET) return this.end(new Fault('DISCONNECTED', `the other end gave up: ${textOf(payload)}`))
    if (type === OPEN && !this.bit && this.credit === undefined) return this.open(payload, 1)
    this.require(this.credit !== undefined, 'a channel that is not open')
    if (type === DATA) this.data(payload[0], payload.subarray(1))
    else if (type === CREDIT && payload.length === 4) this.grant(readU32(payload, 0))
    else if (type === FIN) this.finish()
    else this.require(false, 'an unknown frame')
  }

  grant (bytes) {
    this.credit += bytes
    this.require(bytes > 0 && this.credit <= 2 ** 31, 'a credit that cannot be')
    this.granted?.()
  }

  data (flags, piece) {
    this.allowed -= piece.length + PIECE_COST
    this.size += piece.length
    this.require(flags <= 3 && piece.length <= PIECE && this.allowed >= 0, 'more than was granted')
    this.require(this.size <= LARGEST && this.pieces.push(piece) <= PIECES, 'too large a message')
    this.held += piece.length + PIECE_COST
    if (this.waiting || this.closing) this.release()
    if (flags & 2) return
    const whole = concat(...this.pieces)
    if (!this.closing) this.put(flags & 1 ? whole : textOf(whole), this.held)
    Object.assign(this, { pieces: [], size: 0, held: 0 })
  }

  receive () {
    const next = super.receive()
    if (this.waiting) this.release()
    return next
  }

  /** What has come of a message that is waited for is as good as taken: the rest may follow. */
  release () {
    this.taken(this.held)
    this.held = 0
  }

  taken (cost) {
    this.owed += cost
    if (this.over || this.owed < WINDOW / 4) return
    this.frame(CREDIT, u32(this.owed))
    Object.assign(this, { allowed: this.allowed + this.owed, owed: 0 })
  }

  send (message) { return (this.turn = this.turn.then(() => this.write(message))) }

  async write (message) {
    const [kind, bytes] = typeof message === 'string' ? [0, utf8(message)] : [1, message]
    if (bytes.length > this.largest) throw new Fault('LIMIT_EXCEEDED', `a message of ${bytes.length} bytes; the other end takes ${this.largest}`)
    for (let at = 0, more = true; more;) {
      while (!this.over && this.credit <= PIECE_COST) await new Promise(resolve => { this.granted = resolve })
      if (this.over) throw this.over
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
    this.turn = this.turn.then(() => this.fin(), () => this.fin())
    within(PATIENCE, this.done).catch(fault => this.end(fault))
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
    this.granted?.()
  }
}

export class Room {
  channels = new Map()
  seats = new Map()
  asked = []
  done = new Promise(resolve => { this.ended = resolve })

  static async join (url, options) {
    const room = new Room()
    const socket = connect(url, options, message => room.take(message), fault => room.end(fault))
    await Promise.all([room.answer(), socket.then(open => { room.socket = open })])
    return room
  }

  answer () { return within(PATIENCE, new Promise((resolve, reject) => this.asked.push({ resolve, reject }))) }

  ask (what) {
    this.socket.send(JSON.stringify(what))
    return this.answer()
  }

  send (id, type, number, ...payload) {
    const name = utf8(id)
    this.socket.send(concat(Uint8Array.of(name.length), name, Uint8Array.of(type), u32(number), ...payload))
  }

  take (message) {
    if (typeof message !== 'string') return this.frame(message)
    const said = Object(JSON.parse(message))
    if (ANSWERS.some(key => key in said)) this.asked.shift()?.resolve(said)
    const gone = said.left ?? said.gone
    for (const channel of [...this.channels.values()]) if (channel.id === gone) channel.end(new Fault('DISCONNECTED', 'the other end has left'))
  }

  frame (frame) {
    const at = 1 + frame[0]
    if (frame.length < at + 5) return
    const [id, type, number, payload] = [textOf(frame.subarray(1, at)), frame[at], readU32(frame, at + 1), frame.subarray(at + 5)]
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
    channel.open(payload, 2 + payload[1])
    channel.frame(OPEN, Uint8Array.of(VERSION), u32(WINDOW), u32(LARGEST))
    this.seats.get(seat)(channel)
  }

  async sit (seat) {
    if ((await this.ask({ sit: seat })).taken) throw new Fault('IN_USE', `somebody else is at ${seat}`)
  }

  /** A channel to whoever has a seat. */
  async dial (seat) {
    const { id } = await this.ask({ find: seat })
    if (!id) throw new Fault('UNREACHABLE', `nobody is at ${seat}`)
    const channel = new Channel(this, id, crypto.getRandomValues(new Uint32Array(1))[0], 0)
    this.channels.set(channel.name, channel)
    const opened = new Promise(resolve => { channel.opened = resolve })
    channel.frame(OPEN, Uint8Array.of(VERSION, seat.length), utf8(seat), u32(WINDOW), u32(LARGEST))
    await within(PATIENCE, Promise.race([opened, channel.done.then(fault => { throw fault })]))
    return channel
  }

  leave () { this.socket.close(1000) }

  end (fault) {
    for (const channel of [...this.channels.values()]) channel.end(fault)
    for (const { reject } of this.asked.splice(0)) reject(fault)
    this.ended(fault)
  }
}
