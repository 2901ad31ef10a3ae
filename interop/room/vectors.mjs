// Holds session.mjs against the vectors of sealed sessions, which another implementation has written: node vectors.mjs FILE.
// Those of offers with answers are left out: a shim's session has one secret. Says how many sessions it has held.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault, Handshake } from './session.mjs'

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

async function hold (vector, receives) {
  const [dialling, called] = await Promise.all([true, false].map(async (dials, i) =>
    Handshake.start(dials, { secret: vector.secret, database: vector.database, pair: await pairOf(vector.ephemerals[i]) })))
  assert.equal(hex(await dialling.write(unhex(vector.payloads[0]))), vector.first)
  assert.equal(hex(await called.read(unhex(vector.first))), vector.payloads[0])
  assert.equal(hex(await called.write(unhex(vector.payloads[1]))), vector.second)
  assert.equal(hex(await dialling.read(unhex(vector.second))), vector.payloads[1])
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
  const first = await (await Handshake.start(true, { secret })).write(Uint8Array.of(0xa0))
  const reader = names => Handshake.start(false, { secret, ...names })
  await assert.rejects((await reader({ secret: secret + '0' })).read(first), isAuthentication, 'another secret')
  await assert.rejects((await reader({ database: 'other' })).read(first), isAuthentication, 'another name')
  for (let at = 9; at < first.length; at++) {
    const changed = first.slice()
    changed[at] ^= 1
    await assert.rejects((await reader()).read(changed), isAuthentication, `byte ${at} changed`)
  }
  await assert.rejects((await reader()).read(Uint8Array.of(2, ...first.subarray(1))), { kind: 'UNSUPPORTED' })
  await assert.rejects((await reader()).read(first.subarray(0, 40)), 'cut')
}

const { sessions } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const held = sessions.filter(({ answer }) => answer === '')
for (const [i, vector] of held.entries()) await hold(vector, i === 0)
await holdFaults()
console.log(held.length)
