// Holds livesync-room.mjs against the vectors of sealed sessions, which another implementation has written:
// node vectors.mjs FILE. Those of offers with answers are left out: a shim's session has one secret. Says how many
// sessions it has held.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault, featuresOf, handshake, payloadOf } from './livesync-room.mjs'

const { subtle } = globalThis.crypto
const TYPES = ['text', 'binary', 'end', 'confirmation']
const PKCS8 = '302e020100300506032b656e04220420'
const unhex = text => new Uint8Array(Buffer.from(text, 'hex'))
const hex = bytes => Buffer.from(bytes).toString('hex')
const concat = (bytes, type) => Uint8Array.of(...bytes, type)

async function pairOf (raw) {
  const privateKey = await subtle.importKey('pkcs8', unhex(PKCS8 + raw), 'X25519', true, ['deriveBits'])
  const { x } = await subtle.exportKey('jwk', privateKey)
  return { privateKey, raw: new Uint8Array(Buffer.from(x, 'base64url')) }
}

const isAuthentication = error => error instanceof Fault && error.kind === 'AUTHENTICATION'

/** What an end says when it hears a message; what it comes to where it has heard or said what it has to. */
async function end (dials, names, payload, heard, raw) {
  const said = []
  const link = { send: async message => { said.push(hex(message)) }, receive: async () => heard }
  const keys = await handshake(dials, names, payload, link, raw && await pairOf(raw))
  return { ...keys, messages: said }
}

async function hold (vector, receives) {
  const [first, second] = [unhex(vector.first), unhex(vector.second)]
  const [dialling, called] = await Promise.all([
    end(true, vector, unhex(vector.payloads[0]), second, vector.ephemerals[0]),
    end(false, vector, unhex(vector.payloads[1]), first, vector.ephemerals[1])
  ])
  assert.deepEqual(dialling.messages, [vector.first])
  assert.deepEqual(called.messages, [vector.second])
  assert.equal(hex(called.said), vector.payloads[0])
  assert.equal(hex(dialling.said), vector.payloads[1])
  assert.equal(hex(dialling.hash), vector.hash)
  assert.equal(hex(called.hash), vector.hash)
  let sent = 0
  for (const { from, type, content, sealed } of vector.sealed) {
    const [sender, receiver] = from === 'initiator' ? [dialling, called] : [called, dialling]
    const plain = concat(unhex(content), TYPES.indexOf(type))
    assert.equal(hex(await sender.sending.encrypt(plain)), sealed)
    assert.equal(hex(await receiver.receiving.decrypt(unhex(sealed))), hex(plain))
    if (sender === dialling) sent++
  }
  const all = createHash('sha256')
  let last
  for (; sent < vector.messages; sent++) {
    const plain = Uint8Array.from([0, 1, 2], i => (sent + i * 7) & 0xff)
    last = await dialling.sending.encrypt(concat(plain, TYPES.indexOf('binary')))
    all.update(last)
    if (receives) assert.equal(hex(await called.receiving.decrypt(last)), hex(concat(plain, 1)))
  }
  assert.equal(all.digest('hex'), vector.rest)
  if (receives) await assert.rejects(called.receiving.decrypt(last), isAuthentication, 'a repeated message')
}

/** Whatever is another at the two ends, or is changed on the way, ends the handshake. */
async function holdFaults () {
  const secret = 'An_address-with_a-secret_of_43_characters_000'
  const payload = Uint8Array.of(0xa0)
  let first
  const told = new Error('told')
  const link = {
    send: async message => { first = message },
    receive: async () => { throw told }
  }
  await assert.rejects(handshake(true, { secret }, payload, link), told)
  const read = (heard, names) => end(false, { secret, ...names }, payload, heard)
  await read(first)
  await assert.rejects(read(first, { secret: secret + '0' }), isAuthentication, 'another secret')
  await assert.rejects(read(first, { database: 'other' }), isAuthentication, 'another name')
  for (let at = 9; at < first.length; at++) {
    const changed = first.slice()
    changed[at] ^= 1
    await assert.rejects(read(changed), isAuthentication, `byte ${at} changed`)
  }
  await assert.rejects(read(Uint8Array.of(2, ...first.subarray(1))), { kind: 'UNSUPPORTED' })
  await assert.rejects(read(first.subarray(0, 40)), 'cut')
}

/** What an end says of itself, in dag-cbor. */
function holdPayloads () {
  const name = 'a-name-of-more-than-23-characters'
  for (const [features, named, written] of [
    [2, undefined, 'a1616602'],
    [258, undefined, 'a16166190102'],
    [2, 'seat', 'a2616602616e6473656174'],
    [258, name, 'a26166190102616e7821' + Buffer.from(name).toString('hex')]
  ]) assert.equal(hex(payloadOf(features, named)), written)
  for (const [payload, features] of [
    ['a0', 0],
    ['a161661900ff', 255],
    ['a161661901ff', 511],
    ['a16166190100', 256],
    ['a36162582000000000000000000000000000000000000000000000000000000000000000006166190100617700', 256],
    ['a2616142000061661b0000001000000100', 2 ** 36 + 256],
    ['a2616142000061661b0000001000000000', 2 ** 36]
  ]) assert.equal(featuresOf(unhex(payload)), features, payload)
}

const { sessions } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const held = sessions.filter(({ answer }) => answer === '')
for (const [i, vector] of held.entries()) await hold(vector, i === 0)
await holdFaults()
holdPayloads()
console.log(held.length)
