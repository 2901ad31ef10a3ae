// What peers show each other for the moment, as docs/presence.md has it: for pages and Node, beside an alpha or without
// one. Nothing is stored.

import { concat, Fault, textOf, utf8, within } from './livesync-room.mjs'

const [STATED, REMOVED, FADING] = [0, 1, 2]
const [LIFETIME, REFRESH, GRACE, MEMORY] = [30_000, 10_000, 2_000, 60_000]
const [SPACING, MESSAGE, KEY, VALUE, DEPTH] = [50, 16384, 64, 2048, 18]
const [OWN, OF_PEER, OF_SESSION, ALL] = [16, 64, 1024, 2048]
const [TAKEN, AT_ONCE] = [40, 200] // messages in a second, and at once
const PARTING = 1_000
const LAST = Number.MAX_SAFE_INTEGER

const must = (isKept, kind, rule) => { if (!isKept) throw new Fault(kind, `presence: ${rule}`) }
const hexOf = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
const bytesOf = hex => Uint8Array.from(hex.match(/../g), pair => parseInt(pair, 16))

// ---- dag-cbor, of what JSON has, and bytes

function head (major, n) {
  const size = n < 24 ? 0 : n < 256 ? 1 : n < 65536 ? 2 : n < 2 ** 32 ? 4 : 8
  const out = new Uint8Array(1 + size)
  out[0] = major << 5 | (size ? 24 + Math.log2(size) : n)
  for (let i = size, rest = BigInt(n); i > 0; i--, rest >>= 8n) out[i] = Number(rest & 255n)
  return out
}

const shorterFirst = (a, b) => a.length - b.length || (hexOf(a) < hexOf(b) ? -1 : 1)

export function encode (value) {
  if (value === null) return Uint8Array.of(0xf6)
  if (value === true || value === false) return Uint8Array.of(value ? 0xf5 : 0xf4)
  if (Number.isSafeInteger(value)) return value < 0 ? head(1, -1 - value) : head(0, value)
  if (Number.isFinite(value)) {
    const out = new Uint8Array(9)
    out[0] = 0xfb
    new DataView(out.buffer).setFloat64(1, value)
    return out
  }
  if (typeof value === 'string') {
    must(value.isWellFormed?.() ?? true, 'INVALID_ARGUMENT', 'a text with half a character')
    const bytes = utf8(value)
    return concat(head(3, bytes.length), bytes)
  }
  if (value instanceof Uint8Array) return concat(head(2, value.length), value)
  if (Array.isArray(value)) return concat(head(4, value.length), ...value.map(encode))
  must(Object.getPrototypeOf(value ?? 0) === Object.prototype, 'INVALID_ARGUMENT', 'a value that JSON does not have')
  const names = Object.keys(value).map(utf8).sort(shorterFirst)
  return concat(head(5, names.length), ...names.flatMap(name => [head(3, name.length), name, encode(value[textOf(name)])]))
}

export function decode (bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const take = length => {
    must(length <= bytes.length - at, 'MALFORMED', 'bytes that end too early')
    return (at += length) - length
  }
  const number = low => {
    if (low < 24) return low
    must(low < 28, 'MALFORMED', 'a length that is none')
    const size = 2 ** (low - 24)
    const start = take(size)
    const n = size === 8 ? Number(view.getBigUint64(start)) : size === 4 ? view.getUint32(start) : size === 2 ? view.getUint16(start) : view.getUint8(start)
    must(n >= (size === 1 ? 24 : 2 ** (4 * size)), 'MALFORMED', 'a number that is longer than it need be')
    return n
  }
  const text = length => {
    const start = take(length)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start, at))
    } catch {
      throw new Fault('MALFORMED', 'presence: a text that is none')
    }
  }
  const item = depth => {
    const first = bytes[take(1)]
    if (first === 0xf4 || first === 0xf5) return first === 0xf5
    if (first === 0xf6) return null
    if (first === 0xfb) return view.getFloat64(take(8))
    const [major, low] = [first >> 5, first & 31]
    must(major < 6, 'MALFORMED', 'something that JSON does not have')
    must(major < 4 || depth < DEPTH, 'LIMIT_EXCEEDED', 'a value that nests too deep')
    const n = number(low)
    if (major === 0) return n
    if (major === 1) return -1 - n
    if (major === 2) return bytes.slice(take(n), at)
    if (major === 3) return text(n)
    must(n <= bytes.length - at, 'MALFORMED', 'bytes that end too early')
    if (major === 4) return Array.from({ length: n }, () => item(depth + 1))
    const entries = Array.from({ length: n }, () => {
      must(bytes[at] >> 5 === 3, 'MALFORMED', 'a key that is no text')
      return [text(number(bytes[at++] & 31)), item(depth + 1)]
    })
    return Object.fromEntries(entries)
  }
  const value = item(0)
  must(at === bytes.length, 'MALFORMED', 'bytes behind the end')
  return value
}

// ---- messages

/** A message of updates: `{ is, peer, number, key, millis, value }`. */
export const write = updates => encode(updates.map(({ is, peer, number, key, millis, value }) => [
  [STATED, bytesOf(peer), number, key, millis, value], [REMOVED, bytesOf(peer), number, key], [FADING, bytesOf(peer), number, millis]
][is]))

function read (bytes) {
  must(bytes.length <= MESSAGE, 'LIMIT_EXCEEDED', `a message of ${bytes.length} bytes; ${MESSAGE} are taken`)
  const list = decode(bytes)
  must(Array.isArray(list), 'MALFORMED', 'no list')
  return list.flatMap(update => {
    must(Array.isArray(update) && Number.isInteger(update[0]) && update[0] >= 0, 'MALFORMED', 'an update that is none')
    const [is, id, number, ...rest] = update
    if (is > FADING) return []
    must(rest.length === (is === STATED ? 3 : 1), 'MALFORMED', 'an update of the wrong length')
    must(id instanceof Uint8Array && id.length === 16, 'MALFORMED', 'a peer that is none')
    must(Number.isSafeInteger(number) && number > 0, 'MALFORMED', 'a number that is none')
    const key = is === FADING ? undefined : rest[0]
    const millis = is === STATED ? rest[1] : is === FADING ? rest[0] : 0
    must(key === undefined || (typeof key === 'string' && key !== ''), 'MALFORMED', 'a key that is none')
    must(key === undefined || utf8(key).length <= KEY, 'LIMIT_EXCEEDED', 'a key that is too long')
    const isTime = Number.isInteger(millis) && millis >= (is === STATED ? 1 : 0) && millis <= MEMORY
    must(isTime, 'MALFORMED', 'a time that is none')
    if (is === STATED) checkValue(rest[2], 'MALFORMED')
    return [{ is, peer: hexOf(id), number, key, millis, value: rest[2] }]
  })
}

/** A value of JSON, without bytes, and not null. */
function checkValue (value, kind) {
  const isPlain = each => !(each instanceof Uint8Array) && (each === null || typeof each !== 'object' || Object.values(each).every(isPlain))
  must(value !== null && isPlain(value), kind, 'a value that JSON does not have')
  const bytes = encode([[value]]) // as deep as in a message
  must(bytes.length <= VALUE + 2, 'LIMIT_EXCEEDED', `a value of more than ${VALUE} bytes`)
  decode(bytes)
}

// ---- the table

/** What all show, over any number of sessions: those of Syncs that have it among their options. */
export class Presence {
  #id = this.#newId()
  #number = 0
  #entries = new Map() // by peer and key; in the order of their last change
  #fading = new Map()
  #sessions = new Set()
  #listeners = new Set()
  #changes = 0
  #timer
  #isTelling = false
  dropped = 0

  #newId () { return hexOf(crypto.getRandomValues(new Uint8Array(16))) }

  get id () { return this.#id }

  /** Shows a value, until it is set anew or removed, or for so many milliseconds. */
  set (key, value, lifetime = Infinity) {
    const isKey = typeof key === 'string' && key !== '' && utf8(key).length <= KEY
    must(isKey && lifetime > 0, 'INVALID_ARGUMENT', 'a key or a lifetime that is none')
    checkValue(value, 'INVALID_ARGUMENT')
    const entry = this.#entries.get(this.#id + key)
    const mine = [...this.#entries.values()].filter(({ own, value }) => own && value !== undefined)
    must(entry?.value !== undefined || mine.length < OWN, 'LIMIT_EXCEEDED', `${OWN} values are shown already`)
    this.#state(key, structuredClone(value), Date.now() + lifetime)
    this.#changed()
  }

  remove (key) {
    const entry = this.#entries.get(this.#id + key)
    if (entry?.value === undefined) return
    this.#state(key, undefined, 0)
    this.#changed()
  }

  /** Everything that is shown: `{ peer, key, value, own }`. */
  entries () {
    return [...this.#entries.values()].filter(({ value }) => value !== undefined)
      .map(({ peer, key, value, own = false }) => ({ peer, key, value, own }))
      .sort((a, b) => (a.peer + a.key < b.peer + b.key ? -1 : 1))
  }

  /** Calls with all entries, now and when they have changed; what it returns ends that. */
  subscribe (listener) {
    const each = { listener, told: undefined }
    this.#listeners.add(each)
    this.#tell()
    return () => this.#listeners.delete(each)
  }

  /** Shows nothing any more, and says so to all sessions; before they are closed. */
  async close () {
    for (const [name, { own }] of [...this.#entries]) if (own) this.#entries.delete(name)
    this.#fading.set(this.#id, this.#change({ is: FADING, peer: this.#id, number: this.#number, until: 0 }))
    this.#listeners.clear()
    clearTimeout(this.#timer)
    await Promise.all([...this.#sessions].map(session => session.leave()))
  }

  // ---- ours

  #state (key, value, until) {
    const due = Date.now() + (value === undefined ? MEMORY : Math.min(REFRESH, until - Date.now()))
    this.#put({ peer: this.#id, key, value, until, due, own: true, isRemoved: value === undefined, number: ++this.#number })
  }

  /** Somebody has said of us what we haven't: we say how it is. */
  #contradict ({ is, key, number }) {
    const mine = [...this.#entries.values()].filter(({ own }) => own)
    const meant = mine.filter(each => each.number < number || (is === FADING && each.number === number))
      .filter(each => (is === FADING ? each.value !== undefined : each.key === key))
    const isUnknown = is !== FADING && !mine.some(each => each.key === key)
    if (meant.length === 0 && !isUnknown) return
    if (number > LAST - 2 ** 32) {
      for (const { peer, key } of mine) this.#entries.delete(peer + key)
      ;[this.#id, this.#number] = [this.#newId(), 0]
      for (const { key, value, until } of mine) if (value !== undefined) this.#state(key, value, until)
      return
    }
    this.#number = Math.max(this.#number, number)
    for (const { key, value, until } of meant) this.#state(key, value, until)
    if (isUnknown && mine.length < OF_PEER) this.#state(key, undefined, 0)
  }

  // ---- others'

  #take (update, from) {
    const { is, peer, number, key, millis, value } = update
    const now = Date.now()
    if (peer === this.#id) return this.#contradict(update)
    if (is === FADING) return this.#fade(peer, number, millis, from)
    const known = this.#entries.get(peer + key)
    if (known ? number <= known.number : is === REMOVED) return
    if (!known && !this.#hasRoom(peer, from)) return this.dropped++
    this.#put({ peer, key, number, from, value: is === STATED ? value : undefined, isRemoved: is === REMOVED, due: now + (is === STATED ? millis : MEMORY) })
  }

  #hasRoom (peer, from) {
    const all = [...this.#entries.values()]
    const theirs = all.filter(each => each.peer === peer)
    const oldest = theirs.length < OF_PEER ? undefined : theirs.find(({ value }) => value === undefined)
    if (oldest) this.#entries.delete(oldest.peer + oldest.key)
    return all.length < ALL && (theirs.length < OF_PEER || oldest) && all.filter(each => each.from === from).length < OF_SESSION
  }

  #fade (peer, upTo, millis, from) {
    const until = Date.now() + millis
    const meant = [...this.#entries.values()]
      .filter(each => each.peer === peer && each.value !== undefined && each.number <= upTo && each.due > until)
    for (const each of meant) Object.assign(each, millis ? { due: until } : { value: undefined, due: Date.now() + MEMORY })
    if (meant.length > 0) this.#fading.set(peer, this.#change({ is: FADING, peer, number: upTo, until, from }))
  }

  // ---- changes and time

  #change (what) { return Object.assign(what, { change: ++this.#changes }) }

  #put (entry) {
    const name = entry.peer + entry.key
    this.#entries.delete(name)
    this.#entries.set(name, this.#change(entry))
  }

  #changed () {
    for (const session of this.#sessions) session.wake()
    this.#tell()
    this.#look()
  }

  #tell () {
    if (this.#isTelling) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      const entries = this.entries()
      const text = JSON.stringify(entries)
      for (const each of this.#listeners) {
        if (each.told === text) continue
        each.told = text
        try {
          each.listener(entries)
        } catch (cause) {
          console.error(cause)
        }
      }
    })
  }

  #look () {
    clearTimeout(this.#timer)
    if (this.#entries.size === 0 || this.#listeners.size + this.#sessions.size === 0) return
    const next = Math.min(...[...this.#entries.values()].map(({ due }) => due))
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, next - Date.now()))
  }

  #tick () {
    const now = Date.now()
    for (const entry of [...this.#entries.values()].filter(({ due }) => due <= now)) {
      if (entry.value === undefined) this.#entries.delete(entry.peer + entry.key)
      else if (entry.own && entry.until > now) this.#state(entry.key, entry.value, entry.until)
      else Object.assign(entry, { value: undefined, isRemoved: false, due: now + MEMORY })
    }
    for (const [peer, { until }] of this.#fading) if (until + MEMORY < now) this.#fading.delete(peer)
    this.#changed()
  }

  /** What has changed behind a place, as far as a message holds it. */
  #since (place, begun, from) {
    const now = Date.now()
    const updates = []
    const changed = [...this.#entries.values(), ...this.#fading.values()].filter(({ change }) => change > place).sort((a, b) => a.change - b.change)
    let [reached, bytes] = [this.#changes, 5]
    for (const item of changed) {
      const { is, peer, number, key, value, until, own, isRemoved, due, change } = item
      const isNew = change > begun
      const update = is === FADING
        ? (isNew || until > now) && { is, peer, number, millis: Math.max(0, Math.min(MEMORY, until - now)) }
        : value !== undefined
          ? { is: STATED, peer, number, key, value, millis: Math.min(MEMORY, own ? Math.min(LIFETIME, until - now) : due - now) }
          : isNew && isRemoved && { is: REMOVED, peer, number, key }
      if (!update || item.from === from || (update.is === STATED && update.millis < 1)) continue
      update.millis = Math.floor(update.millis)
      bytes += write([update]).length
      if (bytes > MESSAGE) {
        reached = change - 1
        break
      }
      updates.push(update)
    }
    return { updates, place: reached }
  }

  /**
   * A session begins: `send` resolves when a message is on its way, and waits behind what was sent before; nothing is made while it
   * `isBusy`. Answers with what takes the other end's messages, and with what ends it.
   */
  attach (send, isBusyNow = () => false) {
    let [place, begun, isBusy, isOver, nextAt, tokens, filled] = [0, this.#changes, false, false, 0, AT_ONCE, Date.now()]
    let timer
    const say = async isLast => {
      const { updates, place: reached } = this.#since(place, begun, session)
      place = reached
      nextAt = Date.now() + SPACING
      if (updates.length > 0) await send(write(isLast ? updates.slice(-1) : updates))
    }
    const session = {
      wake: () => {
        if (isBusy || isOver || place === this.#changes) return
        isBusy = true
        timer = setTimeout(async () => {
          if (isBusyNow()) nextAt = Date.now() + SPACING
          else await say(false).catch(() => { isOver = true }) // the session tells why
          isBusy = false
          session.wake()
        }, Math.max(0, nextAt - Date.now()))
      },
      leave: () => isOver ? undefined : within(PARTING, say(true)).catch(() => {}),
      take: bytes => {
        const now = Date.now()
        tokens = Math.min(AT_ONCE, tokens + (now - filled) * TAKEN / 1000)
        filled = now
        must(bytes.length <= MESSAGE, 'LIMIT_EXCEEDED', `a message of ${bytes.length} bytes; ${MESSAGE} are taken`)
        if (tokens < 1) return this.dropped++
        tokens--
        const before = this.#changes
        for (const update of read(bytes)) this.#take(update, session)
        if (this.#changes !== before) this.#changed()
      },
      end: () => {
        isOver = true
        clearTimeout(timer)
        if (!this.#sessions.delete(session)) return
        const mine = [...this.#entries.values()].filter(({ from }) => from === session)
        for (const peer of new Set(mine.map(({ peer }) => peer))) {
          this.#fade(peer, Math.max(...mine.filter(each => each.peer === peer).map(({ number }) => number)), GRACE, session)
        }
        this.#changed()
      }
    }
    this.#sessions.add(session)
    session.wake()
    this.#look()
    return session
  }
}
