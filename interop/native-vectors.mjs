// Writes the vectors of the native dialect's messages: node native-vectors.mjs FILE. Always the same bytes. No packages.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { read, write } from './native-messages.mjs'

const head = n => createHash('sha256').update(Buffer.from([n])).digest('hex')
const numbers = ['0', '1', '127', '128', '300', '16384', '2147483648', '9007199254740993', '4611686018427387904', '9223372036854775807']

const messages = [
  ...numbers.map(bytes => ({ type: 'credit', bytes })),
  { type: 'ack', sections: '127' },
  { type: 'ack', sections: '3', heads: [] },
  { type: 'ack', sections: '300', heads: [head(1), head(2)] },
  { type: 'ack', sections: '5', count: '1001', digest: head(3) },
  ...numbers.slice(0, 6).map(number => ({ type: 'ping', number })),
  { type: 'pong', number: '1099511627776' },
  { type: 'bye' },
  { type: 'error', kind: 'MALFORMED', text: 'a thing' },
  { type: 'error', kind: '', text: '' },
  { type: 'error', kind: 'K'.repeat(64), text: 'é日本語😀' },
  { type: 'rights', read: true, write: false },
  { type: 'rights', read: false, write: true },
  { type: 'rights', read: true, write: true },
  { type: 'refused', first: '128', count: '2', event: head(4), text: 'no ü' },
  { type: 'refused', first: '1', count: '1', text: '' },
  { type: 'begin', bytes: '70000' },
  { type: 'again' },
  { type: 'wantAck' },
  { type: 'reconciliation', number: '1', content: '' },
  { type: 'reconciliation', number: '10', content: '0401' },
  { type: 'ok' },
  { type: 'presence', content: '80' },
  { type: 'goAway', millis: '0' },
  { type: 'goAway', millis: '5000' }
]

const ignored = ['20', '200102', '3f', '3fffffff']

const malformed = {
  'no known type': ['00', '0c', '0f', '14', '1f', '40', '7b', 'ff'],
  'a number that ends in the middle': ['01', '0180', '02', '03ff', '22'],
  'a number that is longer than it need be': ['018000', '03ff00', '098080808080808000'],
  'a number of more than 9 bytes': ['01ffffffffffffffffff01', '0180808080808080808001'],
  'something behind the end': ['010000', '0500', '0a00', '0b01', '1200', '070100', '020000ff', '220000'],
  'a clock in an unknown form': ['020103', '02017f'],
  'a head that is cut': ['020101' + head(1).slice(2), '020101' + head(1) + '00', '020102' + '05' + head(1).slice(2)],
  'a clock that is missing': ['0205'],
  'a kind that is too long or cut': ['0641' + '4b'.repeat(65), '06054c494d'],
  'rights that are none or unknown': ['0700', '0704'],
  'a refusal in an unknown form': ['080101020000', '0801010100'],
  'a reconciliation without its number': ['11', '1180']
}

for (const m of messages) assert.deepEqual(read(write(m)), m)
for (const hex of ignored) assert.equal(read(Buffer.from(hex, 'hex')), null)
for (const hex of Object.values(malformed).flat()) assert.throws(() => read(Buffer.from(hex, 'hex')), hex)

writeFileSync(process.argv[2], JSON.stringify({
  messages: messages.map(m => ({ wire: write(m).toString('hex'), ...m })),
  ignored,
  malformed
}, null, 1) + '\n')
