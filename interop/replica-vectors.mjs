// Writes the vectors of the replica kit: node replica-vectors.mjs FOLDER. Always the same bytes.
//
// What docs/merge.md says, for small histories and in the plainest way. It shares no code with the Java: bytes come from
// @ipld/dag-cbor, CARs from @ipld/car, keys from charwise, and what is expected is found by other ways than the kit's oracle takes,
// dominators by taking events away, weights as exact numbers that are capped at the end.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CarReader } from '@ipld/car'
import * as dagCbor from '@ipld/dag-cbor'
import charwise from 'charwise'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

const THRESHOLD = 143165576
const MAX_NODE = 65536
const MAX_WEIGHT = (1n << 63n) - 1n
const RECORDED = fileURLToPath(new URL('../sync-car/src/test/resources/alpha-wire/', import.meta.url))

const sha256 = bytes => createHash('sha256').update(bytes).digest()
const blockOf = value => {
  const bytes = dagCbor.encode(value)
  return { cid: CID.create(1, dagCbor.code, Digest.create(0x12, new Uint8Array(sha256(bytes)))).toString(), bytes }
}
const text = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

class History {
  constructor () {
    this.events = new Map()
    this.documentsAfter = new Map()
    this.ancestors = new Map()
  }

  /** What a block says, if it is an event. */
  read (cid, bytes) {
    const { data, parents } = dagCbor.decode(bytes)
    this.events.set(cid, { cid, bytes, ...data, root: data.root && data.root.toString(), parents: parents.map(String) })
    return cid
  }

  write (id, value, parents, { root, hide } = {}) {
    const links = [...parents].sort(text).map(c => CID.parse(c))
    const make = r => blockOf({
      data: { type: value === null ? 'del' : 'put', key: charwise.encode(id), value, root: r ? CID.parse(r) : null },
      parents: links
    })
    let block = make(null)
    if (root !== null) { // the tree is a function of everything but the root
      const bare = new History()
      this.events.forEach((e, cid) => bare.events.set(cid, e))
      bare.read(block.cid, block.bytes)
      const tree = bare.tree(bare.after(block.cid))
      block = make(tree.root)
    }
    if (hide) return block.cid
    return this.read(block.cid, block.bytes)
  }

  put (id, text, parents = [], options) {
    return this.write(id, typeof text === 'string' ? { text } : text, parents, options)
  }

  del (id, parents = [], options) {
    return this.write(id, null, parents, options)
  }

  /** All that paths of parents lead to. */
  before (cid) {
    if (!this.ancestors.has(cid)) {
      const found = new Set()
      const todo = [...this.events.get(cid).parents]
      while (todo.length) {
        const next = todo.pop()
        if (!found.has(next)) {
          found.add(next)
          if (this.events.has(next)) todo.push(...this.events.get(next).parents)
        }
      }
      this.ancestors.set(cid, found)
    }
    return this.ancestors.get(cid)
  }

  maximal (cids) {
    const all = [...new Set(cids)]
    return all.filter(c => !all.some(o => this.before(o).has(c))).sort(text)
  }

  parents (cid) {
    return this.maximal(this.events.get(cid).parents)
  }

  /** Whether every way from an event down to a beginning leads through another. */
  dominates (x, cid) {
    const seen = new Set([x])
    const todo = [cid]
    while (todo.length) {
      const next = todo.pop()
      if (seen.has(next)) continue
      seen.add(next)
      const below = this.parents(next)
      if (below.length === 0) return false
      todo.push(...below)
    }
    return true
  }

  commonAncestor (cids) {
    if (cids.length === 0) return null
    const candidates = [cids[0], ...this.before(cids[0])].filter(x => cids.every(c => this.dominates(x, c)))
    return candidates.find(x => candidates.every(o => o === x || this.before(x).has(o))) ?? null
  }

  /** Id to the put that holds, after an event. */
  after (cid) {
    if (!this.documentsAfter.has(cid)) {
      const documents = new Map(this.documents(this.events.get(cid).parents))
      this.apply(documents, cid)
      this.documentsAfter.set(cid, documents)
    }
    return this.documentsAfter.get(cid)
  }

  apply (documents, cid) {
    const { key, type } = this.events.get(cid)
    if (type === 'put') documents.set(key, cid)
    else documents.delete(key)
  }

  /** Events above the common ancestor of some heads, children before parents. */
  window (heads, common) {
    const inside = new Set(heads)
    heads.forEach(h => this.before(h).forEach(c => inside.add(c)))
    if (common) {
      inside.delete(common)
      this.before(common).forEach(c => inside.delete(c))
    }
    return [...inside].sort((a, b) => this.before(b).size - this.before(a).size)
  }

  weights (heads, common) {
    const paths = new Map()
    const sums = new Map()
    const order = this.window(heads, common)
    for (const c of order) {
      paths.set(c, heads.includes(c) ? 1n : 0n)
      sums.set(c, 0n)
    }
    for (const c of order) {
      for (const p of this.parents(c)) {
        if (paths.has(p)) {
          paths.set(p, paths.get(p) + paths.get(c))
          sums.set(p, sums.get(p) + sums.get(c) + paths.get(c))
        }
      }
    }
    for (const [c, sum] of sums) sums.set(c, sum > MAX_WEIGHT ? MAX_WEIGHT : sum)
    return sums
  }

  documents (clock) {
    const heads = this.maximal(clock)
    if (heads.length === 0) return new Map()
    if (heads.length === 1) return this.after(heads[0])
    const common = this.commonAncestor(heads)
    const documents = new Map(common ? this.after(common) : [])
    const weights = this.weights(heads, common)
    const keys = new Map()
    for (const c of weights.keys()) {
      const key = this.events.get(c).key
      keys.set(key, [...(keys.get(key) ?? []), c])
    }
    for (const cids of keys.values()) {
      const [winner] = this.maximal(cids).sort((a, b) => {
        const [x, y] = [weights.get(a), weights.get(b)]
        return x < y ? -1 : x > y ? 1 : text(b, a)
      })
      this.apply(documents, winner)
    }
    return documents
  }

  /** The canonical tree: its nodes level by level from the root. */
  tree (documents) {
    if (documents.size === 0) return { root: null, nodes: [] }
    const entries = [...documents.keys()].sort(text).map(k => [k, this.events.get(documents.get(k)).value])
    const levels = [cut(entries, 1, (list, closed) => ({ leaf: list, closed }))]
    while (levels[0].length > 1) {
      const children = levels[0].map(node => [node.first, CID.parse(node.cid)])
      const height = levels.length
      levels.unshift(cut(children, 2, (list, closed) => ({ branch: [height, list], closed })))
    }
    const nodes = levels.flat().map(node => node.cid)
    return { root: nodes[0], nodes }
  }

  complete () {
    const whole = [...this.events.keys()].filter(c => [...this.before(c)].every(a => this.events.has(a)))
    const interior = c => {
      const { root, type } = this.events.get(c)
      return root === null && (type === 'put' || this.after(c).size > 0)
    }
    const ends = whole.filter(c => !interior(c))
    return whole.filter(c => ends.some(e => e === c || this.before(e).has(c)))
  }
}

function cut (entries, least, make) {
  const nodes = []
  let open = []
  let size = 0
  const end = closed => {
    nodes.push({ first: open[0][0], ...blockOf(make(open, closed)) })
    open = []
    size = 0
  }
  for (const entry of entries) {
    const bytes = dagCbor.encode(entry)
    const near = size + bytes.length > MAX_NODE - 100
    if (open.length >= least && near && dagCbor.encode(make([...open, entry], false)).length > MAX_NODE) end(false)
    open.push(entry)
    size += bytes.length
    if (sha256(bytes).readUInt32LE(28) <= THRESHOLD) end(true)
  }
  if (open.length) end(false)
  return nodes
}

/** A history and what a replica has to make of it. */
function vector (name, about, build) {
  const history = new History()
  const names = build(history) ?? {}
  const complete = history.complete()
  const heads = history.maximal(complete)
  const documents = history.documents(heads)
  const common = history.commonAncestor(heads)
  const weights = heads.length > 1 ? history.weights(heads, common) : new Map()
  const labels = new Map(Object.entries(names).map(([label, cid]) => [cid, label]))
  return {
    name,
    about,
    events: [...history.events.values()].map(e => ({
      ...(labels.has(e.cid) ? { name: labels.get(e.cid) } : {}),
      cid: e.cid,
      block: Buffer.from(e.bytes).toString('base64')
    })),
    complete: [...complete].sort(text),
    heads,
    commonAncestor: common,
    weights: Object.fromEntries([...weights].filter(([c]) => labels.has(c)).map(([c, w]) => [c, String(w)])),
    documents: [...documents].sort((a, b) => text(a[0], b[0])).map(([, event]) => event),
    tree: history.tree(documents),
    treesAfter: Object.fromEntries(complete.filter(c => history.events.get(c).root !== null ||
      history.after(c).size === 0).slice(-40).map(c => [c, history.tree(history.after(c)).root]))
  }
}

const clocks = () => [
  vector('empty', 'No events: no heads, no documents, no tree.', h => {}),
  vector('one put', 'The smallest history.', h => ({ a: h.put('a', 'one') })),
  vector('a fork', 'Two events on one: two heads, in the order of their text.', h => {
    const a = h.put('a', 'one')
    return { a, b: h.put('b', 'left', [a]), c: h.put('c', 'right', [a]) }
  }),
  vector('a redundant parent', 'd names a, an ancestor of its parent b: a is no head, and d has one parent that counts.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a])
    return { a, b, d: h.put('d', 'three', [a, b]) }
  }),
  vector('an absent ancestor', 'b is not here, so c, which names it, is pending, and so is d.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a], { hide: true })
    const c = h.put('c', 'three', [a], { root: null })
    h.events.delete(c)
    const waits = blockOf({ data: { type: 'put', key: charwise.encode('c'), value: { text: 'three' }, root: CID.parse(a) }, parents: [CID.parse(b)] })
    h.read(waits.cid, waits.bytes)
    const after = blockOf({ data: { type: 'put', key: charwise.encode('d'), value: { text: 'four' }, root: CID.parse(a) }, parents: [CID.parse(waits.cid)] })
    h.read(after.cid, after.bytes)
    return { a, c: waits.cid, d: after.cid }
  }),
  vector('a batch', 'b and c name no tree, d ends their batch: the head is d.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a], { root: null })
    const c = h.put('c', 'three', [b], { root: null })
    return { a, b, c, d: h.put('d', 'four', [c]) }
  }),
  vector('a batch without its end', 'b and c name no tree and nothing ends their batch: they are pending, and the head is a.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a], { root: null })
    return { a, b, c: h.del('a', [b], { root: null }) }
  }),
  vector('a batch with two ends', 'c and d both end the batch that b begins.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a], { root: null })
    return { a, b, c: h.put('c', 'three', [b]), d: h.put('d', 'four', [b]) }
  }),
  vector('the last delete', 'The second delete leaves nothing, so it names no tree and is complete all the same.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a])
    const c = h.del('a', [b])
    return { a, b, c, d: h.del('b', [c]) }
  }),
  vector('a delete inside a batch', 'c deletes what is not the last document, and names no tree: only d makes it complete.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a])
    const c = h.del('a', [b], { root: null })
    return { a, b, c, d: h.del('b', [c]) }
  }),
  vector('a merge that empties', 'c deletes a, d deletes b, concurrently. e, on both, deletes nothing, and no document is left.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a])
    const c = h.del('a', [b])
    const d = h.del('b', [b])
    return { a, b, c, d, e: h.del('x', [c, d]) }
  })
]

function nearer (h, less) {
  const a = h.put('a', 'base')
  for (let i = 0; ; i++) {
    const left = h.put('a', 'left ' + i, [a], { hide: true })
    const right = h.put('a', 'right', [a], { hide: true })
    if (text(left, right) < 0 === less) {
      h.put('a', 'left ' + i, [a])
      h.put('a', 'right', [a])
      return { a, left, right, on: h.put('b', 'on right', [right]) }
    }
  }
}

const merges = () => [
  vector('a tie', 'Both wrote a. Both are heads, of weight 0: the greater CID wins.', h => {
    const a = h.put('a', 'base')
    return { a, left: h.put('a', 'left', [a]), right: h.put('a', 'right', [a]) }
  }),
  vector('the nearer wins', 'left is a head, of weight 0; right has another event on it, weight 1: left wins, though its CID is less.',
    h => nearer(h, true)),
  vector('the nearer wins with the greater CID', 'As before, with another text of left, so that the CIDs are in the other order.',
    h => nearer(h, false)),
  vector('more paths weigh more', 'x can be reached on two paths of length 2, weight 4; y on one of length 3: y wins.', h => {
    const a = h.put('base', 'base')
    const x = h.put('k', 'x', [a])
    const p = h.put('p', 'p', [x])
    const q = h.put('q', 'q', [x])
    const pq = h.put('pq', 'pq', [p, q])
    const y = h.put('k', 'y', [a])
    const r = h.put('r', 'r', [y])
    const s = h.put('s', 's', [r])
    return { a, x, pq, y, end: h.put('t', 't', [s]) }
  }),
  vector('a put against a delete', 'left writes what right deletes; the delete is a head and the put is not: the document is gone.', h => {
    const a = h.put('a', 'base')
    const b = h.put('b', 'stays', [a])
    const left = h.put('a', 'again', [b])
    return { a, b, left, on: h.put('c', 'on left', [left]), right: h.del('a', [b]) }
  }),
  vector('causality first', 'old is nearer to a head than new, but new descends from it: old is no candidate.', h => {
    const a = h.put('base', 'base')
    const old = h.put('k', 'old', [a])
    const next = h.put('k', 'new', [old])
    const on = h.put('x', 'x', [next])
    return { a, old, new: next, on: h.put('y', 'y', [on]), side: h.put('z', 'z', [old]) }
  }),
  vector('no common ancestor', 'Two beginnings: there is no base, and all documents are those of the events.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two')
    return { a, b, more: h.put('a', 'three', [b]) }
  }),
  vector('a common ancestor that is gone around', 'b is an ancestor of both heads, but c leads around it to a: the common ancestor is a.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a])
    const c = h.put('c', 'three', [a])
    const d = h.put('b', 'four', [b, c])
    return { a, b, c, d, e: h.put('d', 'five', [b]) }
  }),
  vector('a redundant parent in a merge', 'e names a besides b. Only b counts, so a and c weigh 2 each, and the greater CID wins. With the other path a would weigh 3 and lose.', h => {
    const base = h.put('base', 'base')
    const a = h.put('k', 'a', [base])
    const b = h.put('x', 'b', [a])
    const e = h.put('y', 'e', [a, b])
    const c = h.put('k', 'c', [base])
    const d = h.put('z', 'd', [c])
    return { base, a, b, e, c, d, f: h.put('w', 'f', [d]) }
  }),
  vector('a merge of merges', 'Three writers who meet in pairs, with deletes.', h => {
    const a = h.put('a', 'one')
    const b = h.put('b', 'two', [a])
    const x = h.put('a', 'x', [b])
    const y = h.del('a', [b])
    const z = h.put('b', 'z', [b])
    const xy = h.put('c', 'xy', [x, y])
    const yz = h.put('c', 'yz', [y, z])
    const xyyz = h.put('d', 'all', [xy, yz])
    return { a, b, x, y, z, xy, yz, all: xyyz, late: h.put('b', 'late', [z]) }
  }),
  vector('saturation', 'Two writers who are never in step, seventy times: the weights of the two candidates for k are different numbers over 2^63-1, and ' +
    'count as equal. The greater CID wins.', h => outOfStep(h, 70, names => text(names.left, names.right) > 0)),
  vector('overflow', 'The same, sixty times, and the other candidate has the greater CID: sums that wrap around make the winner the lighter one, which is the ' +
    'loser.', h => outOfStep(h, 60, names => text(names.right, names.left) > 0))
]

/**
 * Two writers who are never in step, so many times, after two candidates for one document. Exactly, the left one is farther away. Of those that differ in the left
 * one's value, the first that is wanted.
 */
function outOfStep (h, times, wanted) {
  for (let i = 0; ; i++) {
    const trial = new History()
    const a = trial.put('a', 'a', [], {})
    const b = trial.put('b', 'b', [], {})
    let left = trial.put('k', 'left ' + i, [a, b], { root: null })
    let right = trial.put('k', 'right', [a, b], { root: null })
    const names = { left, right }
    if (!wanted(names)) continue
    for (let level = 0; level < times; level++) {
      const next = trial.put('l' + (level % 5), 'l' + level, level === 0 ? [left] : [left, right], { root: null })
      right = trial.put('r' + (level % 5), 'r' + level, [left, right], { root: null })
      left = next
    }
    names.end = trial.put('end', 'left', [left, right], {})
    names.other = trial.put('end', 'right', [left, right], {})
    trial.events.forEach((e, cid) => h.events.set(cid, e))
    return names
  }
}

/** One batch of documents. */
function batch (h, documents, parent) {
  let last = parent
  documents.forEach(([id, value], i) => {
    last = h.put(id, value, last ? [last] : [], i === documents.length - 1 ? {} : { root: null })
  })
  return last
}

const trees = () => [
  vector('two hundred documents', 'Several leaves and a branch; ids in an order that is not that of the keys.', h => {
    batch(h, Array.from({ length: 200 }, (_, i) => ['doc' + ((i * 77) % 200), 'v' + i]))
  }),
  vector('fewer after deletes', 'Sixty documents, then all but four deleted: the tree is one leaf again.', h => {
    let last = batch(h, Array.from({ length: 60 }, (_, i) => ['d' + i, 'v' + i]))
    for (let i = 0; i < 56; i++) last = h.del('d' + i, [last], i === 55 ? {} : { root: null })
  }),
  vector('keys in the order of UTF-16', 'U+1F600 is written with D83D DE00 and comes before U+FF5E; ids with U+0001 are escaped.', h => {
    batch(h, [['\uff5e', 'tilde'], ['\u{1f600}', 'smile'], ['\u0001', 'one'], ['z', 'z'], ['\u00e9', 'e'], ['\u0000', 'zero']])
  }),
  vector('values of every kind', 'Numbers, lists, maps, null, true; shorter keys first.', h => {
    h.put('a', { n: -5, big: 4294967296, f: 0.1, list: [1, 'two', null, true, []], map: { bb: 1, a: 2 } })
  }),
  vector('leaves of 64 KiB', 'Documents of 12,000 bytes, five of which fit into a leaf, and one of 66,000 bytes, which stands alone.', h => {
    batch(h, Array.from({ length: 7 }, (_, i) => ['large' + i, 'x'.repeat(12000)])
      .concat([['large5a', 'y'.repeat(66000)]]))
  }),
  vector('branches of two', 'Ids of 33,000 bytes: a leaf each, and branches that hold two all the same, for levels must shrink.', h => {
    batch(h, Array.from({ length: 5 }, (_, i) => ['k' + i + 'x'.repeat(33000), 'v']))
  })
]

async function recorded (name, about, files, expectedHeads) {
  const blocks = []
  for (const file of files) {
    const reader = await CarReader.fromBytes(readFileSync(join(RECORDED, file)))
    for await (const { cid, bytes } of reader.blocks()) blocks.push({ cid: cid.toString(), bytes })
  }
  const result = vector(name, about, h => {
    for (const { cid, bytes } of blocks) {
      if (dagCbor.decode(bytes).data && !h.events.has(cid)) h.read(cid, bytes)
    }
    // The alpha's own trees, where they are whole: what it read from this history.
    for (const [cid, event] of h.events) {
      if (h.tree(h.after(cid)).root !== event.root) throw new Error(`${name}: the alpha has another tree after ${cid}`)
    }
  })
  if (result.heads.join() !== expectedHeads.join()) throw new Error(`${name}: the alpha has the heads ${expectedHeads}`)
  return result
}

const alpha = async () => {
  const three = 'a-empty-vs-3-03-A.car'
  return [
    await recorded('recorded: three documents', 'a-empty-vs-3.', [three],
      ['bafyreibllbdlexr25r2fe42dh56rqbfif3vcu4iyzh5ltk4z33myo74mcu']),
    await recorded('recorded: live changes', 'd-live.', [three, 'd-live-05-A.car', 'd-live-06-B.car', 'd-live-07-A.car'],
      ['bafyreiglnsh7lq2wow4mb75d23fpku4jft5nyqli7gtzj6fty5jwkj5ivq']),
    await recorded('recorded: deletes down to nothing', 'e-delete.', [three, 'e-delete-05-A.car', 'e-delete-06-B.car', 'e-delete-07-B.car'],
      ['bafyreid7etjx2r7sh4mzqvvw6pnfwpx2xa73cpik3herdkhusgkcprjmbe']),
    await recorded('recorded: a fork', 'g-concurrent, before the merge.', [three, 'g-concurrent-03-A.car', 'g-concurrent-04-B.car'],
      ['bafyreig6bcarz3cn4ezo772onqhugd6urabqsit3snhdoarq5xn2paiobe', 'bafyreihtqqqvfk6ksfhw3bbbmby6kgo4odtjnqtslvyusnkb6zxehaanda']),
    await recorded('recorded: a fork that was merged', 'g-concurrent: the last event names the tree that the alpha merged.',
      [three, 'g-concurrent-03-A.car', 'g-concurrent-04-B.car', 'g-concurrent-05-A.car'],
      ['bafyreibnbvicgslam33npky63kxs2kqaaouolbqzd6qcnqdyazaksrtuoa']),
    await recorded('recorded: a hundred documents', 'i-100-docs: written in the order of their keys, so that the alpha\'s tree is the canonical one.',
      ['i-100-docs-03-A.car'], ['bafyreifpovcphjdbiaaikb2mtl5jkuzlakxm4frcukixt332qartih4wwa'])
  ]
}

const folder = process.argv[2]
mkdirSync(folder, { recursive: true })
for (const [file, make] of Object.entries({ clocks, merges, trees, alpha })) {
  writeFileSync(join(folder, file + '.json'), JSON.stringify({ histories: await make() }, null, 1) + '\n')
}
