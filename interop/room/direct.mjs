// A direct data channel in the place of a room's, as section 6 of docs/protocol.md has it. For whatever has
// RTCPeerConnection.

import { concat, Fault, Link, textOf, utf8, within } from './livesync-room.mjs'

const [OFFER, ANSWER, DIRECT, STAY] = [1, 2, 3, 4]
const TRANSPORT = /^[a-z0-9-]{1,64}$/
const MOST = 65536
const REASON = 512
const BUFFERED = 2 ** 20
const [LOOK, LATE, OPENING, GATHERING, CLOSING] = [10_000, 20_000, 5_000, 3_000, 5_000]

/** A message, read: `{ is, transport, signal, reason }`. */
export function parse (bytes) {
  const wrong = why => new Fault('MALFORMED', `the other end introduces itself with ${why}`)
  if (bytes.length > MOST) throw new Fault('LIMIT_EXCEEDED', 'the other end introduces itself with too long a message')
  const signal = (type, json) => {
    let said
    try {
      said = JSON.parse(textOf(json))
    } catch {
      throw wrong('something else than JSON')
    }
    if (said?.type !== type) throw wrong('a signal of another type')
    return { type, sdp: String(said.sdp) }
  }
  const [type, length] = bytes
  if (type === OFFER) {
    const transport = textOf(bytes.subarray(2, 2 + length))
    if (!(bytes.length >= 2 + length) || !TRANSPORT.test(transport)) throw wrong('an offer for no transport')
    return { is: 'offer', transport, signal: signal('offer', bytes.subarray(2 + length)) }
  }
  if (type === ANSWER) return { is: 'answer', signal: signal('answer', bytes.subarray(1)) }
  if (type === DIRECT && bytes.length === 1) return { is: 'direct' }
  if (type === STAY && bytes.length <= 1 + REASON) return { is: 'stay', reason: textOf(bytes.subarray(1)) }
  throw wrong('an unknown message')
}

/** A message, written. */
export const write = {
  offer: signal => concat(Uint8Array.of(OFFER, 6), utf8('webrtc'), utf8(JSON.stringify(signal))),
  answer: signal => concat(Uint8Array.of(ANSWER), utf8(JSON.stringify(signal))),
  direct: () => Uint8Array.of(DIRECT),
  stay: why => concat(Uint8Array.of(STAY), utf8(why).subarray(0, REASON))
}

class DataLink extends Link {
  constructor (connection, channel) {
    Object.assign(super(), { connection, channel })
    channel.binaryType = 'arraybuffer'
    channel.bufferedAmountLowThreshold = BUFFERED / 2
    channel.onmessage = ({ data }) => this.put(typeof data === 'string' ? data : new Uint8Array(data), 0)
    channel.onbufferedamountlow = () => this.wake()
    channel.onclose = () => {
      connection.close()
      this.end(new Fault('DISCONNECTED', 'the direct channel has closed'))
    }
  }

  async send (message) {
    const { length } = message
    if (length > this.most) throw new Fault('LIMIT_EXCEEDED', `a message of ${length} bytes; ${this.most} are taken`)
    while (this.over || this.channel.bufferedAmount > BUFFERED) await this.change()
    this.channel.send(message)
  }

  /** Behind what was sent. */
  close () {
    this.channel.close()
    within(CLOSING, this.done).catch(fault => {
      this.connection.close()
      this.end(fault)
    })
  }
}

/** One end's half of a connection. `opened` resolves with its link. */
class Path {
  constructor (connection) {
    this.connection = connection
    this.opened = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }))
    this.opened.catch(() => {}) // whoever asks hears of it
    connection.ondatachannel = ({ channel }) => this.use(channel)
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'failed') this.reject(new Fault('UNREACHABLE', 'there is no direct path'))
    }
  }

  use (channel) {
    this.link = new DataLink(this.connection, channel)
    channel.onopen = () => this.resolve(Object.assign(this.link, { most: this.connection.sctp.maxMessageSize }))
    if (channel.readyState === 'open') channel.onopen()
  }

  async offer () {
    this.use(this.connection.createDataChannel('livesync'))
    return this.signal(await this.connection.createOffer())
  }

  async answer (offer) {
    await this.connection.setRemoteDescription(offer)
    return this.signal(await this.connection.createAnswer())
  }

  connect (answer) { return this.connection.setRemoteDescription(answer) }

  /** With all candidates, or those that are found in time. */
  async signal (description) {
    const gathered = new Promise(resolve => {
      this.connection.onicegatheringstatechange = () => this.connection.iceGatheringState === 'complete' && resolve()
    })
    await this.connection.setLocalDescription(description)
    await within(GATHERING, gathered).catch(() => {})
    const { type, sdp } = this.connection.localDescription
    return { type, sdp }
  }
}

/** One end of an introduction. Each says one verdict, and the outcome is direct if both say so. */
class Introduction {
  constructor (session, dials, path, patience) { Object.assign(this, { session, dials, path, patience }) }

  say (verdict, why) {
    if (this.ours) return
    this.ours = verdict
    this.session.send(write[verdict](why)).catch(() => {}) // its link says why
  }

  stay (fault) { this.say('stay', fault.message) }

  /** Sends a signal that is being made, unless the verdict comes first. */
  tell (kind, making) {
    making.then(signal => {
      const message = write[kind](signal)
      if (message.length > MOST) throw new Fault('LIMIT_EXCEEDED', 'the signal is too long')
      if (!this.ours) return this.session.send(message)
    }).catch(fault => this.stay(fault))
  }

  take ({ is, transport, signal }) {
    const expected = {
      offer: !this.dials && !this.heard,
      answer: this.dials && !this.heard,
      direct: this.dials ? this.ours === 'direct' : this.heard,
      stay: true
    }
    if (!expected[is]) throw new Fault('MALFORMED', `the other end says ${is} out of turn`)
    if (is === 'stay' || is === 'direct') this.theirs = is
    else this.heard = true
    if (is === 'offer' && !this.ours) {
      if (transport === 'webrtc') this.tell('answer', this.path.answer(signal))
      else this.say('stay', 'there is no transport of that name')
    }
    if (is === 'answer' && !this.ours) this.path.connect(signal).catch(fault => this.stay(fault))
  }

  /** Resolves when both verdicts are there; true for a direct channel, which is the session's then. */
  async run () {
    const { session, dials, path } = this
    const late = () => this.say('stay', 'no direct path was found in time')
    const clock = dials ? setTimeout(late, this.patience) : undefined
    try {
      if (dials) {
        this.tell('offer', path.offer())
        path.opened.then(() => this.say('direct'), fault => this.stay(fault))
      }
      while (!this.theirs) {
        const said = await within(LATE, session.receive())
        if (typeof said !== 'object') throw new Fault('DISCONNECTED', `the other end left: ${said ?? 'no word'}`)
        this.take(parse(said))
      }
      if (this.theirs === 'direct' && !this.ours) await within(OPENING, path.opened).catch(fault => this.stay(fault))
      if (this.theirs === 'direct' && path.link && !path.link.over) this.say('direct')
      this.say('stay', 'the other end stays')
      await session.turn
    } finally {
      clearTimeout(clock)
    }
    if (this.ours !== 'direct' || this.theirs !== 'direct') return false
    const before = session.link
    session.link = path.link
    before.close()
    return true
  }
}

/** Finds a direct channel for a session that has just been proved. Throws what the session ends with, if it does. */
async function introduce (session, dials, connection, patience) {
  let direct = false
  try {
    direct = await new Introduction(session, dials, new Path(connection), patience).run()
  } catch (cause) {
    const fault = cause instanceof Fault ? cause : new Fault('INTERNAL', cause.message)
    const error = { kind: fault.kind, message: 'the introduction failed' }
    await session.send(JSON.stringify({ error })).catch(() => {})
    session.link.close()
    throw fault
  } finally {
    if (!direct) connection.close()
  }
}

/** What finds a direct channel for a session. Nothing where neither the platform nor the options have WebRTC. */
export function introducing ({ RTCPeerConnection = globalThis.RTCPeerConnection, iceServers = [], patience = LOOK }) {
  if (!RTCPeerConnection) return undefined
  return (session, dials) => introduce(session, dials, new RTCPeerConnection({ iceServers }), patience)
}
