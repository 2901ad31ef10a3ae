// Packs as docs/packs.md has them, with nothing of the Java: a writer and a reader of one direction, without limits but for what the page says.

import { createHash } from 'node:crypto'

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest()
const ascii = s => Buffer.from(s, 'latin1')
const LINK = Buffer.from('d82a58250001711220', 'hex')
const BEFORE_KEY = ascii('\xa2ddata\xa4ckey')
const BEFORE_ROOT = ascii('droot')
const PUT = ascii('dtypecputevalue')
const DEL = ascii('dtypecdelevalue\xf6')
const PARENTS = ascii('gparents')

function head (major, n) {
  const type = major << 5
  if (n < 24) return Buffer.from([type | n])
  if (n < 0x100) return Buffer.from([type | 24, n])
  if (n < 0x10000) return Buffer.from([type | 25, n >> 8, n & 255])
  const long = Buffer.alloc(5)
  long[0] = type | 26
  long.writeUInt32BE(n, 1)
  return long
}

function varint (n) {
  const bytes = []
  for (; n > 127; n = Math.floor(n / 128)) bytes.push(n % 128 + 128)
  return Buffer.from([...bytes, n])
}

function wordSlot (bytes) {
  let h = 0
  for (const b of bytes) h = (Math.imul(31, h) + b) >>> 0
  return Math.imul(0x9E3779B1, h) >>> 24
}

class State {
  constructor () {
    this.ring = []
    this.key = Buffer.alloc(0)
    this.shapes = new Map() // slot to shape, oldest first
    this.slot = 0
    this.words = new Map()
  }

  event (digest) {
    this.ring.unshift(digest)
    this.ring.length = Math.min(this.ring.length, 512)
  }

  shape (shape) {
    const size = s => s.head.length + s.names.reduce((n, name) => n + name.length, 0)
    if (shape.names.length === 0 || size(shape) > 4096) return
    const total = () => [...this.shapes.values()].reduce((n, s) => n + size(s), 0)
    while (this.shapes.size >= 128 || total() + size(shape) > 16384) this.shapes.delete(this.shapes.keys().next().value)
    this.shapes.set(this.slot, shape)
    this.slot = (this.slot + 1) % 128
  }

  word (bytes) {
    if (bytes.length >= 3 && bytes.length <= 32) this.words.set(wordSlot(bytes), Buffer.from(bytes))
  }
}

class Bytes {
  constructor (bytes) { this.bytes = bytes; this.at = 0 }
  take (n) {
    if (n > this.bytes.length - this.at) throw new Error('ends too early')
    this.at += n
    return this.bytes.subarray(this.at - n, this.at)
  }

  byte () { return this.take(1)[0] }
  peek () { return this.bytes[this.at] }
  varint () {
    let n = 0
    for (let i = 0; i < 8; i++) {
      const b = this.byte()
      n += (b & 127) * 128 ** i
      if (b < 128) {
        if (b === 0 && i > 0) break
        return n
      }
    }
    throw new Error('bad number')
  }

  /** A head of CBOR: its bytes, major type and argument. */
  head () {
    const from = this.at
    const first = this.byte()
    const info = first & 31
    if (info > 27) throw new Error('bad head')
    let n = BigInt(info)
    if (info > 23) n = BigInt('0x' + this.take(1 << (info - 24)).toString('hex'))
    return { bytes: this.bytes.subarray(from, this.at), major: first >> 5, n }
  }

  string () {
    const { bytes, n } = this.head()
    const content = this.take(Number(n))
    return { whole: Buffer.concat([bytes, content]), content }
  }
}

export class PackReader {
  constructor () { this.state = new State() }
  remember (digest) { this.state.event(digest) }

  /** The blocks of a pack. */
  read (pack) {
    const { state } = this
    const inn = new Bytes(pack)
    if (inn.byte() !== 0) throw new Error('form')
    const count = inn.varint()
    const size = inn.varint()
    const blocks = []
    const digests = []
    for (let i = 0; i < count; i++) {
      const block = this.event(inn)
      blocks.push(block)
      digests.push(sha256(block))
      state.event(digests[i])
    }
    if (size !== blocks.reduce((n, b) => n + b.length, 0)) throw new Error('size')
    if (!inn.take(4).equals(sha256(...digests).subarray(0, 4))) throw new Error('check')
    if (inn.at !== pack.length) throw new Error('left over')
    return blocks
  }

  event (inn) {
    const { state } = this
    const first = inn.byte()
    if (first === 2) return inn.take(inn.varint())
    if ((first & 3) > 1) throw new Error('kind')
    const changed = first >> 5
    let key
    if (changed > 0) {
      if (changed > state.key.length) throw new Error('key')
      key = Buffer.concat([state.key.subarray(0, state.key.length - changed), inn.take(changed)])
    } else {
      const shared = inn.varint()
      if (shared > state.key.length) throw new Error('key')
      key = Buffer.concat([state.key.subarray(0, shared), inn.take(inn.varint())])
    }
    state.key = key.subarray(0, 255)
    const out = [BEFORE_KEY, head(3, key.length), key, BEFORE_ROOT]
    out.push(...(first & 4 ? [LINK, inn.take(32)] : [Buffer.from([0xf6])]))
    if (first & 1) out.push(DEL)
    else {
      out.push(PUT)
      this.value(inn, out)
    }
    const form = first >> 3 & 3
    const parents = []
    if (form === 1) parents.push(state.ring[0])
    for (let n = form === 2 ? 1 : form === 3 ? inn.varint() : 0; n > 0; n--) {
      const distance = inn.varint()
      parents.push(distance === 0 ? inn.take(32) : state.ring[distance - 1])
    }
    if (parents.includes(undefined)) throw new Error('distance')
    return Buffer.concat([...out, PARENTS, head(4, parents.length), ...parents.flatMap(p => [LINK, p])])
  }

  value (inn, out) {
    const { state } = this
    const first = inn.peek()
    const major = first >> 5
    if (major < 2) out.push(inn.head().bytes)
    else if (major < 4) {
      const { whole, content } = inn.string()
      if (major === 3) state.word(content)
      out.push(whole)
    } else if (major === 4) {
      const { bytes, n } = inn.head()
      out.push(bytes)
      for (let i = 0; i < n; i++) this.value(inn, out)
    } else if (major < 7) {
      const { bytes, n } = inn.head()
      let shape = state.shapes.get(Number(n))
      if (major === 5) {
        shape = { head: bytes, names: [] }
        for (let i = 0; i < n; i++) {
          if (inn.peek() >> 5 !== 3) throw new Error('name')
          shape.names.push(inn.string().whole)
        }
        state.shape(shape)
      }
      if (!shape) throw new Error('shape')
      out.push(shape.head)
      for (const name of shape.names) {
        out.push(name)
        this.value(inn, out)
      }
    } else if (first >= 0xf4 && first <= 0xf6) out.push(inn.take(1))
    else if (first === 0xfb) out.push(inn.take(9))
    else if (first >= 0xe0 && first <= 0xe9) {
      inn.byte()
      const { major: sign, n } = inn.head()
      if (sign > 1 || n >= 2n ** 32n) throw new Error('decimal')
      const float = Buffer.alloc(9, 0xfb)
      float.writeDoubleBE(Number(sign ? -1n - n : n) / 10 ** (first - 0xe0), 1)
      out.push(float)
    } else if (first === 0xf7) {
      inn.byte()
      const [codec] = inn.take(1)
      if (codec > 127) throw new Error('codec')
      const link = Buffer.from(LINK)
      link[6] = codec
      out.push(link, inn.take(32))
    } else if (first === 0xf8) {
      inn.byte()
      const word = state.words.get(inn.byte())
      if (!word) throw new Error('word')
      out.push(head(3, word.length), word)
    } else throw new Error('value')
  }
}

/** Writes blocks that are canonical events; another root than dag-cbor's makes a literal. */
export class PackWriter {
  constructor () { this.state = new State() }
  remember (digest) { this.state.event(digest) }

  write (blocks) {
    const out = [Buffer.from([0]), varint(blocks.length), varint(blocks.reduce((n, b) => n + b.length, 0))]
    const digests = blocks.map(b => sha256(b))
    blocks.forEach((block, i) => {
      out.push(...this.event(block))
      this.state.event(digests[i])
    })
    return Buffer.concat([...out, sha256(...digests).subarray(0, 4)])
  }

  event (block) {
    const { state } = this
    const inn = new Bytes(block)
    const expect = bytes => { if (!inn.take(bytes.length).equals(bytes)) throw new Error('no event') }
    expect(BEFORE_KEY)
    const key = inn.string().content
    expect(BEFORE_ROOT)
    let root
    if (inn.peek() === 0xf6) inn.byte()
    else {
      if (!inn.take(9).equals(LINK)) return [Buffer.from([2]), varint(block.length), block]
      root = inn.take(32)
    }
    const del = block.subarray(inn.at).indexOf(DEL) === 0
    expect(del ? DEL : PUT)

    const out = []
    let shared = 0
    while (shared < Math.min(key.length, state.key.length) && key[shared] === state.key[shared]) shared++
    let changed = Math.max(1, key.length - shared)
    if (key.length !== state.key.length || changed > 7 || key.length === 0) {
      changed = 0
      out.push(varint(shared), varint(key.length - shared), key.subarray(shared))
    } else out.push(key.subarray(key.length - changed))
    state.key = key.subarray(0, 255)
    if (root) out.push(root)
    if (!del) this.value(inn, out)
    expect(PARENTS)
    const count = Number(inn.head().n)
    const parents = []
    for (let i = 0; i < count; i++) {
      expect(LINK)
      const digest = inn.take(32)
      const distance = state.ring.findIndex(d => d.equals(digest)) + 1
      parents.push({ digest, distance })
    }
    const form = count === 0 ? 0 : count > 1 ? 3 : parents[0].distance === 1 ? 1 : 2
    if (form === 3) out.push(varint(count))
    if (form > 1) for (const p of parents) out.push(varint(p.distance), p.distance ? Buffer.alloc(0) : p.digest)
    return [Buffer.from([(del ? 1 : 0) | (root ? 4 : 0) | form << 3 | changed << 5]), ...out]
  }

  value (inn, out) {
    const { state } = this
    const first = inn.peek()
    const major = first >> 5
    if (major < 2) out.push(inn.head().bytes)
    else if (major === 2) out.push(inn.string().whole)
    else if (major === 3) {
      const { whole, content } = inn.string()
      const slot = wordSlot(content)
      if (content.length >= 3 && content.length <= 32 && state.words.get(slot)?.equals(content)) out.push(Buffer.from([0xf8, slot]))
      else {
        state.word(content)
        out.push(whole)
      }
    } else if (major === 4) {
      const { bytes, n } = inn.head()
      out.push(bytes)
      for (let i = 0; i < n; i++) this.value(inn, out)
    } else if (major === 5) {
      const { bytes, n } = inn.head()
      // The names stand between the values: a first look only for them.
      const look = new Bytes(inn.bytes)
      look.at = inn.at
      const names = []
      for (let i = 0; i < n; i++) {
        names.push(look.string().whole)
        skip(look)
      }
      const same = s => s.names.length === names.length && s.names.every((name, i) => name.equals(names[i]))
      const slot = [...state.shapes].find(([, s]) => same(s))?.[0]
      if (slot !== undefined) out.push(head(6, slot))
      else {
        out.push(bytes, ...names)
        state.shape({ head: bytes, names })
      }
      for (let i = 0; i < n; i++) {
        inn.string()
        this.value(inn, out)
      }
    } else if (major === 6) {
      const link = inn.take(41)
      out.push(Buffer.from([0xf7, link[6]]), link.subarray(9))
    } else if (first === 0xfb) {
      const float = inn.take(9)
      out.push(decimal(float.readDoubleBE(1)) ?? float)
    } else out.push(inn.take(1))
  }
}

function decimal (d) {
  for (let digits = 0; digits <= 9; digits++) {
    const n = Math.round(Math.abs(d) * 10 ** digits) * Math.sign(d)
    if (Math.abs(n) < 2 ** 32 && !Object.is(n, -0) && Object.is(n / 10 ** digits, d)) {
      return Buffer.concat([Buffer.from([0xe0 + digits]), n < 0 ? head(1, -1 - n) : head(0, n)])
    }
  }
}

function skip (inn) {
  const first = inn.peek()
  const major = first >> 5
  if (major < 2) inn.head()
  else if (major < 4) inn.string()
  else if (major < 6) {
    const { n } = inn.head()
    for (let i = 0; i < n * (major === 5 ? 2n : 1n); i++) skip(inn)
  } else inn.take(major === 6 ? 41 : first === 0xfb ? 9 : 1)
}
