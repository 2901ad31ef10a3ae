// One end of a sealed session in WebCrypto, as docs/sealed-sessions.md has it. Shares no code with the Java, and needs no packages.

import { webcrypto } from 'node:crypto'

const { subtle } = webcrypto
const PROTOCOL = 'Noise_NNpsk0_25519_AESGCM_SHA256'
const LABEL = 'livesync/sealed/1'
const PER_KEY = 65536
const NOTHING = new Uint8Array(0)
const TYPES = ['text', 'binary', 'end', 'confirmation']

export const hex = bytes => Buffer.from(bytes).toString('hex')
export const unhex = text => new Uint8Array(Buffer.from(text, 'hex'))
const ascii = text => new Uint8Array(Buffer.from(text, 'latin1'))
const utf8 = text => new Uint8Array(Buffer.from(text, 'utf8'))
const concat = (...parts) => new Uint8Array(Buffer.concat(parts))
const sha256 = async (...parts) => new Uint8Array(await subtle.digest('SHA-256', concat(...parts)))

async function hmac (key, ...parts) {
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await subtle.sign('HMAC', imported, concat(...parts)))
}

/** RFC 5869's second step, for 32 bytes. */
const expand = (key, info) => hmac(key, info, Uint8Array.of(1))

/** Noise's HKDF. */
async function derive (chaining, input, outputs) {
  const key = await hmac(chaining, input)
  const all = []
  let last = NOTHING
  for (let i = 1; i <= outputs; i++) {
    last = await hmac(key, last, Uint8Array.of(i))
    all.push(last)
  }
  return all
}

export async function keysOf (secret, answer) {
  const first = await hmac(ascii(LABEL), ascii(secret))
  const both = answer ? await hmac(first, ascii(answer)) : first
  return { psk: await expand(both, ascii('psk')), hint: await expand(first, ascii('hint')) }
}

/** What an end says of its clock, whose digest this is. */
export const clockTag = async (initiatorsKey, role, digest) =>
  (await hmac(initiatorsKey, ascii(role), digest)).slice(0, 16)

export function prologueOf ({ offerHash = NOTHING, answerHash = NOTHING, database = '' }) {
  return concat(...[ascii(LABEL), ascii('acceptor'), offerHash, answerHash, utf8(database)].flatMap(item => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(item.length)
    return [length, item]
  }))
}

class Cipher {
  constructor (key) {
    this.key = key
    this.count = 0n
  }

  async run (mode, number, associated, bytes) {
    const iv = Buffer.alloc(12)
    iv.writeBigUInt64BE(number, 4)
    this.imported ??= await subtle.importKey('raw', this.key, 'AES-GCM', false, ['encrypt', 'decrypt'])
    return new Uint8Array(await subtle[mode]({ name: 'AES-GCM', iv, additionalData: associated }, this.imported, bytes))
  }

  encrypt (associated, plain) {
    return this.run('encrypt', this.count++, associated, plain)
  }

  async decrypt (associated, sealed) {
    const plain = await this.run('decrypt', this.count, associated, sealed)
    this.count++
    return plain
  }

  async changeKey () {
    if (this.count > 0n && this.count % BigInt(PER_KEY) === 0n) {
      this.key = (await this.run('encrypt', (1n << 64n) - 1n, NOTHING, new Uint8Array(32))).slice(0, 32)
      this.imported = undefined
    }
  }

  async seal (type, content) {
    await this.changeKey()
    return this.encrypt(NOTHING, concat(content, Uint8Array.of(TYPES.indexOf(type))))
  }

  async open (sealed) {
    await this.changeKey()
    const plain = await this.decrypt(NOTHING, sealed)
    return { type: TYPES[plain[plain.length - 1]], content: plain.slice(0, -1) }
  }
}

async function pair (raw) {
  const privateKey = raw
    ? await subtle.importKey('pkcs8', concat(unhex('302e020100300506032b656e04220420'), raw), 'X25519', true, ['deriveBits'])
    : (await subtle.generateKey('X25519', true, ['deriveBits'])).privateKey
  const { x } = await subtle.exportKey('jwk', privateKey)
  return { privateKey, raw: new Uint8Array(Buffer.from(x, 'base64url')) }
}

/** One end. Messages are bytes. */
export class End {
  static async create (initiator, { secret, answer, ephemeral, ...names }) {
    const end = new End()
    end.initiator = initiator
    end.keys = await keysOf(secret, answer)
    end.pair = await pair(ephemeral)
    end.hash = ascii(PROTOCOL) // 32 characters, as long as a hash
    end.chaining = end.hash
    await end.mixHash(prologueOf(names))
    const [chaining, mixed, key] = await derive(end.chaining, end.keys.psk, 3)
    end.chaining = chaining
    await end.mixHash(mixed)
    end.cipher = new Cipher(key)
    return end
  }

  async mixHash (data) {
    this.hash = await sha256(this.hash, data)
  }

  async mixKey (input) {
    const [chaining, key] = await derive(this.chaining, input, 2)
    this.chaining = chaining
    this.cipher = new Cipher(key)
  }

  async mixPublic (raw) {
    await this.mixHash(raw)
    await this.mixKey(raw)
  }

  async agree () {
    const theirs = await subtle.importKey('raw', this.theirs, 'X25519', false, [])
    await this.mixKey(new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: theirs }, this.pair.privateKey, 256)))
  }

  async encrypt (payload) {
    const sealed = await this.cipher.encrypt(this.hash, payload)
    await this.mixHash(sealed)
    return sealed
  }

  async decrypt (sealed) {
    const payload = await this.cipher.decrypt(this.hash, sealed)
    await this.mixHash(sealed)
    return payload
  }

  async split () {
    const [first, second] = (await derive(this.chaining, NOTHING, 2)).map(key => new Cipher(key))
    this.sending = this.initiator ? first : second
    this.receiving = this.initiator ? second : first
  }

  hint (raw) {
    return hmac(this.keys.hint, raw).then(mac => mac.slice(0, 8))
  }

  /** The initiator's first message. */
  async first (payload) {
    await this.mixPublic(this.pair.raw)
    return concat(Uint8Array.of(1), await this.hint(this.pair.raw), this.pair.raw, await this.encrypt(payload))
  }

  /** Takes the first message; answers with what it carries. */
  async readFirst (message) {
    this.theirs = message.slice(9, 41)
    if (message[0] !== 1) throw new Error('another version')
    if (hex(message.slice(1, 9)) !== hex(await this.hint(this.theirs))) throw new Error('another secret')
    await this.mixPublic(this.theirs)
    return this.decrypt(message.slice(41))
  }

  /** The responder's answer. */
  async second (payload) {
    await this.mixPublic(this.pair.raw)
    await this.agree()
    const message = concat(this.pair.raw, await this.encrypt(payload))
    await this.split()
    return message
  }

  /** Takes the answer; answers with what it carries. */
  async readSecond (message) {
    this.theirs = message.slice(0, 32)
    await this.mixPublic(this.theirs)
    await this.agree()
    const payload = await this.decrypt(message.slice(32))
    await this.split()
    return payload
  }
}
