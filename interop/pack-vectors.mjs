// Writes the vectors of packs: node pack-vectors.mjs FILE. Always the same bytes; blocks come from @ipld/dag-cbor.

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { PackReader, PackWriter } from './packs.mjs'

const sha256 = bytes => createHash('sha256').update(bytes).digest()
const cid = (digest, codec = 0x71) => CID.createV1(codec, Digest.create(0x12, digest))
const fill = n => sha256(Buffer.from([n >> 8, n & 255]))
const hex = bytes => Buffer.from(bytes).toString('hex')

function event (key, value, root, parents) {
  const links = parents.map(p => cid(p))
  const data = { key: 'J' + key, root, type: value === null ? 'del' : 'put', value }
  return Buffer.from(dagCbor.encode({ data, parents: links }))
}

/** Events in a chain: the parents of each that names none are the one before. */
function chain (...events) {
  let before = []
  return events.map(([key, value, { root = null, parents = before } = {}]) => {
    const block = event(key, value, root, parents)
    before = [sha256(block)]
    return block
  })
}

const person = n => ({ name: ['Ada', 'Bruno', 'Carla'][n % 3], city: ['Accra', 'Bergen'][n % 2], born: 1940 + n, rating: n + 0.5, active: n % 2 === 0, tags: ['blue', 'dry'] })
const root = n => ({ root: cid(fill(n)) })
const batch = (from, n) => Array.from({ length: n }, (_, i) => ['doc-' + (1000 + from + i), person(from + i), i === n - 1 ? root(i) : {}])
const every = [
  0, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, Number.MAX_SAFE_INTEGER, -1, -24, -25, -256, -257, -4294967296, -4294967297,
  0.5, -0.5, 57.5, 0.1, 0.29, 1e-9, 1e-10, 0.1 + 0.2, 42949672.95, -42949672.95, 429496729.6, 1e21, 5e-324, 123456.789012,
  true, false, null, '', 'ab', 'abc', 'x'.repeat(32), 'x'.repeat(33), 'é日本語😀', 'abc', 'é日本語😀', 'x'.repeat(32), 'y'.repeat(300),
  new Uint8Array(0), new Uint8Array(30).fill(7), cid(fill(1)), cid(fill(2), 0x55), cid(fill(3), 0), [], [[], [[]]], {}, [{}, {}]
]
const shapes = Array.from({ length: 140 }, (_, i) => [`s${i}`, { [`name-${i}`]: i, '': null }])
const wide = ['w', { ['n'.repeat(4096)]: 1 }]
const known = Array.from({ length: 513 }, (_, i) => fill(1000 + i))

const streams = [
  { name: 'one put without parents', packs: [chain(['doc-1', { text: 'hello' }])] },
  { name: 'a batch, of which the last has a root', packs: [chain(...batch(0, 5))] },
  { name: 'puts one by one', cut: 1, packs: [chain(...[0, 1, 2, 3].map(i => ['doc-' + (10 + i), person(i), root(i)]))] },
  { name: 'puts and deletes of one document', cut: 1, packs: [chain(['a', { n: 1 }], ['a', null], ['a', { n: 2 }], ['a', null, root(9)], ['b', null])] },
  { name: 'values of every kind', packs: [chain(['every', { every }], ['again', { every }])] },
  { name: 'maps in maps', packs: [chain(['nested', { a: { b: { c: { a: { b: 1 } } } }, list: [person(1), person(2), { a: { b: 2 } }] }], ['again', { a: { b: person(3) } }])] },
  { name: 'keys', cut: 2, packs: [chain(...['', '', 'a', 'ab', 'ac', 'é', 'ê', 'k'.repeat(300), 'k'.repeat(301), 'k'.repeat(253), 'k'.repeat(253) + 'j', 'k'.repeat(254), 'doc-1000', 'doc-2000', '0123456789', '9999999999', '98'].map(k => [k, {}]))] },
  { name: 'shapes that are forgotten', packs: [chain(...shapes, ...shapes.slice(0, 3), ...shapes.slice(-3), wide, wide, ...shapes.slice(30, 33))] },
  { name: 'shapes that are too many bytes', packs: [chain(...Array.from({ length: 7 }, (_, i) => ['w', { ['n'.repeat(3000) + i]: i }]), ['w', { ['n'.repeat(3000) + 2]: 0 }], ['w', { ['n'.repeat(3000) + 1]: 0 }])] },
  { name: 'many parents', packs: [chain(['a', {}, { parents: [] }], ['b', {}, { parents: [] }], ['c', {}, { parents: [fill(1), fill(2)] }])] },
  { name: 'parents that both ends remember', remember: known, packs: [[known[512], known[1], known[0]].map((p, i) => event('k' + i, {}, null, [p]))] },
  { name: 'a root of another codec is a literal', packs: [chain(['a', person(1)], ['b', person(2), { root: cid(fill(1), 0x55) }], ['c', person(3)])] }
]
// Two heads, then an event that joins them.
{
  const [a, b] = [event('a', {}, null, []), event('b', {}, null, [])]
  streams.push({ name: 'a merge', packs: [[a, b], [event('c', { by: 'me' }, cid(fill(4)), [sha256(a), sha256(b)])]] })
}

const vectors = []
for (const { name, remember = [], cut, packs } of streams) {
  const writer = new PackWriter()
  const reader = new PackReader()
  for (const digest of remember) [writer, reader].forEach(end => end.remember(digest))
  const parts = cut ? packs.flatMap(p => Array.from({ length: Math.ceil(p.length / cut) }, (_, i) => p.slice(cut * i, cut * i + cut))) : packs
  vectors.push({
    name,
    remember: remember.map(hex),
    packs: parts.map(blocks => {
      const pack = writer.write(blocks)
      const read = reader.read(pack)
      if (read.length !== blocks.length || read.some((b, i) => !b.equals(blocks[i]))) throw new Error(name)
      return { pack: hex(pack), blocks: blocks.map(hex) }
    })
  })
}

// Each refusal begins with empty state.
const one = new PackWriter().write(chain(['doc-1', { text: 'hello' }]))
const changed = (at, to) => { const bytes = Buffer.from(one); bytes[at < 0 ? bytes.length + at : at] = to; return hex(bytes) }
const refused = [
  { name: 'nothing', pack: '', error: 'MALFORMED' },
  { name: 'another form', pack: changed(0, 1), error: 'MALFORMED' },
  { name: 'no events', pack: '000000e3b0c442', error: 'MALFORMED' },
  { name: 'a size that is one too small', pack: changed(2, one[2] - 1), error: 'MALFORMED' },
  { name: 'a size that is one too large', pack: changed(2, one[2] + 1), error: 'MALFORMED' },
  { name: 'another check', pack: changed(-1, one[one.length - 1] ^ 1), error: 'MALFORMED' },
  { name: 'a byte too many', pack: hex(one) + '00', error: 'MALFORMED' },
  { name: 'a byte too few', pack: hex(one).slice(0, -2), error: 'MALFORMED' },
  { name: 'a count that is not in its shortest form', pack: '008100' + hex(one).slice(4), error: 'MALFORMED' },
  { name: 'the event before the first', pack: '000140' + '08' + '00014a' + 'a0' + '00000000', error: 'MALFORMED' },
  { name: 'a key that changes more than there is', pack: '000140' + '20' + '4a' + 'a0' + '00000000', error: 'MALFORMED' },
  { name: 'a shape that nobody has', pack: '000140' + '00' + '00014a' + 'c0' + '00000000', error: 'MALFORMED' },
  { name: 'a word that nobody has', pack: '000140' + '00' + '00014a' + 'a16161' + 'f803' + '00000000', error: 'MALFORMED' },
  { name: 'a block that is no event', pack: '000103' + '02' + '03' + '820102' + '00000000', error: 'MALFORMED' },
  { name: 'more events than the reader takes', pack: '00a18d06' + '7f' + '00'.repeat(20), error: 'LIMIT_EXCEEDED' },
  { name: 'a larger size than the reader takes', pack: '0001' + '8180808004' + '00'.repeat(20), error: 'LIMIT_EXCEEDED' },
  { name: 'nested deeper than 512 levels', pack: '0001' + '8080808004' + '00' + '00014a' + 'a16161' + '81'.repeat(600) + 'f6' + '00000000', error: 'LIMIT_EXCEEDED' }
]

writeFileSync(process.argv[2], JSON.stringify({ limits: { events: 100000, bytes: 2 ** 30 }, streams: vectors, refused }, null, 1) + '\n')
