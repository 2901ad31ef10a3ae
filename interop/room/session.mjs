// A sealed session of LiveSync's, as docs/sealed-sessions.md has it: WebCrypto with X25519, nothing else. For pages and Node.

const { subtle } = globalThis.crypto
const NOTHING = new Uint8Array(0)
const PAYLOAD = Uint8Array.of(0xa0) // an empty map: no features, so that what follows is what alphas say
const [TEXT, BINARY, END, CONFIRMATION] = [0, 1, 2, 3]
const PER_KEY = 65536
export const PATIENCE = 30_000

export class Fault extends Error {
  constructor (kind, message) { Object.assign(super(`${kind}: ${message}`), { kind }) }
}

export const utf8 = text => new TextEncoder().encode(text)
export const textOf = bytes => new TextDecoder().decode(bytes)
export const u32 = n => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n)

export function concat (...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  parts.reduce((at, part) => whole.set(part, at) ?? at + part.length, 0)
  return whole
}

export function random (length) {
  const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(length)))
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function within (time, promise) {
  let timer
  const late = new Promise((resolve, reject) => { timer = setTimeout(() => reject(new Fault('TIMEOUT', 'nothing came in time')), time) })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

// ---- keys, the handshake, and what is sealed after it

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
      throw new Fault('AUTHENTICATION', 'the other end does not know the secret, or somebody in between changed something')
    })
  }
}

async function newPair () {
  const { privateKey, publicKey } = await subtle.generateKey('X25519', false, ['deriveBits'])
  return { privateKey, raw: new Uint8Array(await subtle.exportKey('raw', publicKey)) }
}

/** One end of Noise_NNpsk0: who dials writes and then reads, the other reads and then writes. */
export class Handshake {
  static async start (dials, { secret, database = '', pair }) {
    const noise = Object.assign(new Handshake(), { dials, pair: pair ?? await newPair() })
    const first = await hmac(utf8('livesync/sealed/1'), utf8(secret))
    noise.hintKey = await hmac(first, utf8('hint'), Uint8Array.of(1))
    noise.hash = noise.chaining = utf8('Noise_NNpsk0_25519_AESGCM_SHA256')
    const prologue = [utf8('livesync/sealed/1'), utf8('acceptor'), NOTHING, NOTHING, utf8(database)]
    await noise.mix(concat(...prologue.flatMap(item => [u32(item.length), item])))
    const [chaining, mixed, key] = await derive(noise.chaining, await hmac(first, utf8('psk'), Uint8Array.of(1)), 3)
    await noise.mix(mixed)
    return Object.assign(noise, { chaining, cipher: new Cipher(key) })
  }

  async mix (bytes) {
    this.hash = new Uint8Array(await subtle.digest('SHA-256', concat(this.hash, bytes)))
    return bytes
  }

  async mixKey (input) {
    const [chaining, key] = await derive(this.chaining, input, 2)
    Object.assign(this, { chaining, cipher: new Cipher(key) })
  }

  async agree () {
    const theirs = await subtle.importKey('raw', this.theirs, 'X25519', false, [])
    const shared = await subtle.deriveBits({ name: 'X25519', public: theirs }, this.pair.privateKey, 256).catch(() => NOTHING)
    if (!new Uint8Array(shared).some(byte => byte !== 0)) throw new Fault('AUTHENTICATION', 'a key of small order')
    await this.mixKey(new Uint8Array(shared))
  }

  async split () {
    const [first, second] = (await derive(this.chaining, NOTHING, 2)).map(key => new Cipher(key))
    Object.assign(this, this.dials ? { sending: first, receiving: second } : { sending: second, receiving: first })
  }

  async write (payload) {
    const { raw } = this.pair
    const head = this.dials ? concat(Uint8Array.of(1), (await hmac(this.hintKey, raw)).subarray(0, 8)) : NOTHING
    await this.mixKey(await this.mix(raw))
    if (!this.dials) await this.agree()
    const sealed = await this.mix(await this.cipher.encrypt(payload, this.hash))
    if (!this.dials) await this.split()
    return concat(head, raw, sealed)
  }

  async read (message) {
    const noise = this.dials ? message : message.subarray(9) // the hint is for who has many secrets
    if (!this.dials && message[0] !== 1) throw new Fault('UNSUPPORTED', 'another version of sealed sessions')
    this.theirs = noise.slice(0, 32)
    await this.mixKey(await this.mix(this.theirs))
    if (this.dials) await this.agree()
    const payload = await this.cipher.decrypt(noise.subarray(32), this.hash)
    await this.mix(noise.subarray(32))
    if (this.dials) await this.split()
    return payload
  }
}

/** In the place of a message of the handshake may be a text that says why there is none. */
function answerOf (message) {
  if (typeof message !== 'string') return message
  const { kind, message: why } = JSON.parse(message).error
  throw new Fault(kind, why)
}

/** A sealed session over a link. One call of `receive` at a time. */
export class Session {
  turn = Promise.resolve()

  /** Throws what went wrong, and tells the other end. With `names.direct` it finds a direct channel, if the other end does. */
  static async open (link, dials, names) {
    const { session, said } = await this.prove(link, dials, names)
    if (names.direct?.isWanted(said)) await names.direct.find(session, dials)
    return session
  }

  static async prove (link, dials, names) {
    try {
      const noise = await Handshake.start(dials, names)
      const read = async () => noise.read(answerOf(await within(PATIENCE, link.receive())))
      let said = dials ? undefined : await read()
      await link.send(await noise.write(names.direct?.payload ?? PAYLOAD))
      if (dials) said = await read()
      const session = Object.assign(new Session(), { link, noise })
      if (dials) await session.send('', CONFIRMATION)
      else if ((await within(PATIENCE, session.next())).type !== CONFIRMATION) throw new Fault('AUTHENTICATION', 'no confirmation')
      return { session, said }
    } catch (cause) {
      const fault = cause instanceof Fault ? cause : new Fault('AUTHENTICATION', cause.message)
      link.send(JSON.stringify({ error: { kind: fault.kind, message: 'the handshake failed' } })).catch(() => {})
      link.close()
      throw fault
    }
  }

  /** Sends a string or bytes, behind what was sent before. */
  send (message, type = typeof message === 'string' ? TEXT : BINARY) {
    const content = typeof message === 'string' ? utf8(message) : message
    return (this.turn = this.turn.then(async () => this.link.send(await this.noise.sending.encrypt(concat(content, Uint8Array.of(type))))))
  }

  async next () {
    const message = await this.link.receive()
    if (typeof message === 'string') throw new Fault('AUTHENTICATION', 'a text that is not sealed')
    const plain = await this.noise.receiving.decrypt(message)
    return { type: plain.at(-1), content: plain.subarray(0, -1) }
  }

  /** The next message; undefined after the last. */
  async receive () {
    const { type, content } = await this.next()
    if (!(type <= END)) throw new Fault('AUTHENTICATION', 'a message of an unknown type')
    return type === END ? undefined : type === TEXT ? textOf(content) : content
  }

  async close () {
    await within(PATIENCE, this.send('', END)).catch(() => {})
    this.link.close()
  }
}
