// A LiveSync room: it knows who is here, and carries frames from one member to another. It keeps nothing else and trusts nobody.
// What it has to do is in docs/room-protocol.md. Both runtimes give a connection `id`, `state`, `setState`, `send` and `close`; a
// state outlives the sleep of a room that hibernates.

const MEMBERS = 64
const SEATS = 8
const TEXT = 1024
const FRAME = 66_000
const ADDRESS = 1024
const VERBS = ['sit', 'stand', 'find']
const bytes = new TextEncoder()
const ascii = new TextDecoder()

const isSeat = seat => typeof seat === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(seat)

function isSame (a, b) {
  const [x, y] = [bytes.encode(a), bytes.encode(b)]
  return x.length === y.length && crypto.subtle.timingSafeEqual(x, y)
}

/** Before a socket opens: a request that may go on, or the response that turns it away. */
export function admit (request, token) {
  const url = new URL(request.url)
  const said = request.headers.get('Authorization') ?? `Bearer ${url.searchParams.get('token') ?? ''}`
  if (token && !isSame(said, `Bearer ${token}`)) return new Response('this room wants a token', { status: 401 })
  if (url.pathname.length > ADDRESS) return new Response('too long an address', { status: 414 })
  url.search = '' // `_pk` would choose the member's id, and whoever chooses one can take another's place
  return new Request(url, request)
}

function tell (member, what) {
  try {
    member.send(JSON.stringify(what))
  } catch { /* it is going, and will be said to have left */ }
}

function parse (text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export class Switch {
  /** Over what has `getConnections()` and `getConnection(id)`. */
  constructor (room) {
    this.room = room
  }

  others (me) {
    return [...this.room.getConnections()].filter(c => c.state?.seats && c.id !== me.id)
  }

  announce (me, what) {
    for (const other of this.others(me)) tell(other, what)
  }

  join (me) {
    const others = this.others(me)
    if (others.length >= MEMBERS) return me.close(4003, 'the room is full')
    me.setState({ seats: [] })
    tell(me, { room: 1, you: me.id, peers: Object.fromEntries(others.map(c => [c.id, c.state.seats])) })
    for (const other of others) tell(other, { joined: me.id })
  }

  leave (me) {
    if (!me.state?.seats) return
    me.setState(null)
    this.announce(me, { left: me.id })
  }

  dismiss (me, code, why) {
    this.leave(me)
    me.close(code, why)
  }

  take (me, message) {
    if (!me.state?.seats) return
    if (typeof message === 'string') this.answer(me, message)
    else this.forward(me, new Uint8Array(message))
  }

  answer (me, text) {
    const asked = text.length <= TEXT ? parse(text) : null
    const isObject = typeof asked === 'object' && asked !== null && !Array.isArray(asked)
    const verbs = isObject ? VERBS.filter(verb => verb in asked) : []
    if (!isObject || !verbs.every(verb => isSeat(asked[verb]))) return this.dismiss(me, 4002, 'not a text of a member')
    for (const verb of verbs) this[verb](me, asked[verb])
  }

  holder (seat) {
    return [...this.room.getConnections()].find(c => c.state?.seats?.includes(seat))
  }

  sit (me, seat) {
    const { seats } = me.state
    if (!seats.includes(seat)) {
      if (seats.length >= SEATS || this.holder(seat)) return tell(me, { taken: seat })
      me.setState({ seats: [...seats, seat] })
      this.announce(me, { sits: me.id, seat })
    }
    tell(me, { seated: seat })
  }

  stand (me, seat) {
    const { seats } = me.state
    if (seats.includes(seat)) {
      me.setState({ seats: seats.filter(s => s !== seat) })
      this.announce(me, { stands: me.id, seat })
    }
    tell(me, { stood: seat })
  }

  find (me, seat) {
    const holder = this.holder(seat)
    tell(me, holder ? { found: seat, id: holder.id } : { nobody: seat })
  }

  /** At once: an `await` before `send` would change the order. */
  forward (me, frame) {
    const body = 1 + frame[0]
    const isFrame = body > 1 && body <= 65 && frame.length >= body && frame.length <= FRAME
    if (!isFrame) return this.dismiss(me, 4002, 'not a frame')
    const id = ascii.decode(frame.subarray(1, body))
    try {
      const to = id === me.id ? me : this.room.getConnection(id)
      if (!to?.state?.seats) return tell(me, { gone: id })
      frame.set(bytes.encode(me.id), 1) // ids of a room are all of the same length
      to.send(frame)
    } catch {
      tell(me, { gone: id })
    }
  }
}
