// Holds direct.mjs against the vectors of introductions, which are the Java side's, too: node direct-vectors.mjs FILE.
// Says how many it has held.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse, write } from './direct.mjs'
import { Fault } from './livesync-room.mjs'

const unhex = text => new Uint8Array(Buffer.from(text, 'hex'))
const hex = bytes => Buffer.from(bytes).toString('hex')

const told = ({ is, transport, fields, reason }) => ({
  offer: { is, transport, signal: { type: 'offer', ...fields } },
  answer: { is, signal: { type: 'answer', ...fields } },
  direct: { is },
  stay: { is, reason }
})[is]

const { messages, readable, malformed } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
for (const vector of messages) {
  const said = told(vector)
  assert.equal(hex(write[vector.is](said.signal ?? said.reason)), vector.hex)
}
for (const vector of [...messages, ...readable]) assert.deepEqual(parse(unhex(vector.hex)), told(vector))
for (const { hex, why } of malformed) {
  assert.throws(() => parse(unhex(hex)), error => error instanceof Fault && error.kind === 'MALFORMED', why)
}
assert.throws(() => parse(new Uint8Array(65537)), { kind: 'LIMIT_EXCEEDED' })
console.log(messages.length + readable.length + malformed.length)
