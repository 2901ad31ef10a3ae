// The messages of docs/protocol.md, section 5, written from that page: bytes of what they say and back. No packages.

const TYPES = {
  credit: 0x01, ack: 0x02, ping: 0x03, pong: 0x04, bye: 0x05, error: 0x06, rights: 0x07, refused: 0x08, begin: 0x09, again: 0x0a,
  wantAck: 0x0b, piece: 0x10, reconciliation: 0x11, ok: 0x12, pack: 0x13,
  presence: 0x21, goAway: 0x22
}
const NAMES = new Map(Object.entries(TYPES).map(([name, type]) => [type, name]))
const utf8 = new TextDecoder()

function number (value) {
  const out = []
  let rest = BigInt(value)
  do {
    const digit = Number(rest & 0x7fn)
    rest >>= 7n
    out.push(rest > 0n ? digit | 0x80 : digit)
  } while (rest > 0n)
  return out
}

const digits = hex => [...Buffer.from(hex, 'hex')]
const text = words => [...Buffer.from(words, 'utf8')]

function clock (m) {
  if (m.heads) return [1, ...m.heads.flatMap(digits)]
  return m.digest ? [2, ...number(m.count), ...digits(m.digest)] : [0]
}

const FIELDS = {
  credit: m => number(m.bytes),
  ack: m => [...number(m.sections), ...clock(m)],
  ping: m => number(m.number),
  pong: m => number(m.number),
  bye: () => [],
  error: m => [...number(m.kind.length), ...text(m.kind), ...text(m.text)],
  rights: m => number((m.read ? 1 : 0) + (m.write ? 2 : 0)),
  refused: m => [...number(m.first), ...number(m.count), ...(m.event ? [1, ...digits(m.event)] : [0]), ...text(m.text)],
  begin: m => number(m.bytes),
  again: () => [],
  wantAck: () => [],
  piece: m => digits(m.content),
  reconciliation: m => [...number(m.number), ...digits(m.content)],
  ok: () => [],
  pack: m => digits(m.content),
  presence: m => digits(m.content),
  goAway: m => number(m.millis)
}

/** The bytes of a message. */
export const write = m => Buffer.from([TYPES[m.type], ...FIELDS[m.type](m)])

class Reader {
  constructor (bytes) {
    this.bytes = bytes
    this.at = 1
  }

  take (n) {
    if (n > this.bytes.length - this.at) throw new Error('ends in the middle')
    this.at += n
    return this.bytes.subarray(this.at - n, this.at)
  }

  hex (n) { return Buffer.from(this.take(n)).toString('hex') }

  rest () { return this.bytes.length - this.at }

  number () {
    let value = 0n
    for (let i = 0; i < 9; i++) {
      const digit = this.take(1)[0]
      value |= BigInt(digit & 0x7f) << BigInt(7 * i)
      if (digit < 0x80) {
        if (digit === 0 && i > 0) throw new Error('not as short as it can be')
        return value.toString()
      }
    }
    throw new Error('more than 9 bytes')
  }

  text () { return utf8.decode(this.take(this.rest())) }
}

function readClock (r) {
  const form = r.number()
  if (form === '0') return {}
  if (form === '2') return { count: r.number(), digest: r.hex(32) }
  if (form !== '1' || r.rest() % 32 !== 0) throw new Error('no clock')
  const heads = []
  while (r.rest() > 0) heads.push(r.hex(32))
  return { heads }
}

function oneOf (value, least, most) {
  if (Number(value) < least || Number(value) > most) throw new Error('not one of those there are')
  return Number(value)
}

const READ = {
  credit: r => ({ bytes: r.number() }),
  ack: r => ({ sections: r.number(), ...readClock(r) }),
  ping: r => ({ number: r.number() }),
  pong: r => ({ number: r.number() }),
  bye: () => ({}),
  error: r => {
    const length = oneOf(r.number(), 0, 64)
    return { kind: utf8.decode(r.take(length)), text: r.text() }
  },
  rights: r => {
    const bits = oneOf(r.number(), 1, 3)
    return { read: (bits & 1) > 0, write: (bits & 2) > 0 }
  },
  refused: r => {
    const [first, count] = [r.number(), r.number()]
    return { first, count, ...(oneOf(r.number(), 0, 1) ? { event: r.hex(32) } : {}), text: r.text() }
  },
  begin: r => ({ bytes: r.number() }),
  again: () => ({}),
  wantAck: () => ({}),
  piece: r => ({ content: r.hex(r.rest()) }),
  reconciliation: r => ({ number: r.number(), content: r.hex(r.rest()) }),
  ok: () => ({}),
  pack: r => ({ content: r.hex(r.rest()) }),
  presence: r => ({ content: r.hex(r.rest()) }),
  goAway: r => ({ millis: r.number() })
}

/** What a message says; null for a type that is to be ignored; throws where it is MALFORMED. */
export function read (bytes) {
  if (bytes.length === 0) throw new Error('has no type')
  const type = NAMES.get(bytes[0])
  if (!type && bytes[0] >= 0x20 && bytes[0] < 0x40) return null
  if (!type) throw new Error('no known type')
  const r = new Reader(bytes)
  const message = { type, ...READ[type](r) }
  if (r.rest() > 0) throw new Error('goes on behind its end')
  return message
}
