// What @ipld/dag-cbor and @ipld/car make of bytes: one request a line on stdin, one answer a line on stdout.
//
//   decode BASE64          -> ok DESCRIPTION-HASH BASE64-OF-WRITING-IT-AGAIN | error MESSAGE
//   generate SEED          -> ok DESCRIPTION-HASH BASE64
//   car-decode BASE64      -> ok DESCRIPTION-HASH BASE64-OF-WRITING-IT-AGAIN | error MESSAGE
//   car-generate SEED      -> ok DESCRIPTION-HASH BASE64
//   charwise BASE64        -> ok DESCRIPTION-HASH BASE64; of a text in UTF-8 and its key
//
// The description names every value in a way that owes nothing to CBOR; the other side computes its own.

import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { CarReader, CarWriter } from '@ipld/car'
import * as dagCbor from '@ipld/dag-cbor'
import charwise from 'charwise'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

const RAW = 0x55
const SHA2_256 = 0x12

const sha256 = bytes => createHash('sha256').update(bytes).digest()
const cidOf = (codec, bytes) => CID.create(1, codec, Digest.create(SHA2_256, new Uint8Array(sha256(bytes))))

function describe (value, out = []) {
  if (value === null) {
    out.push('null;')
  } else if (typeof value === 'boolean') {
    out.push(value ? 'true;' : 'false;')
  } else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    out.push(`i${value};`)
  } else if (typeof value === 'number') {
    const bits = new DataView(new ArrayBuffer(8))
    bits.setFloat64(0, value)
    out.push(`d${bits.getBigUint64(0).toString(16)};`)
  } else if (typeof value === 'string') {
    out.push(`s${value.length}:${value};`)
  } else if (value instanceof Uint8Array) {
    out.push(`b${Buffer.from(value).toString('hex')};`)
  } else if (Array.isArray(value)) {
    out.push('[')
    for (const item of value) describe(item, out)
    out.push(']')
  } else if (CID.asCID(value)) {
    out.push(`l${CID.asCID(value)};`)
  } else if (typeof value === 'object') {
    out.push('{')
    for (const key of Object.keys(value).sort()) {
      describe(key, out)
      describe(value[key], out)
    }
    out.push('}')
  } else {
    throw new Error(`cannot describe ${typeof value}`)
  }
  return out
}

const hash = description => sha256(Buffer.from(description, 'utf8')).toString('hex')

/** Numbers below 2^32 from a seed (mulberry32). */
function generator (seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
}

const LENGTHS = [0, 1, 7, 8, 9, 23, 24, 25, 255, 256, 300]

function generateValue (next) {
  const below = n => next() % n
  let budget = 1 + below(40)

  const length = () => (below(4) === 0 ? LENGTHS[below(LENGTHS.length)] : below(20))
  const bytes = n => Uint8Array.from({ length: n }, () => below(256))
  const text = () => {
    const limit = [128, 128, 0x800, 0x110000][below(4)]
    let s = ''
    for (let n = length(); n > 0; n--) {
      const c = below(limit)
      s += String.fromCodePoint(c >= 0xd800 && c < 0xe000 ? 0x1f600 : c)
    }
    return s
  }
  const number = () => {
    switch (below(5)) {
      case 0:
        return below(300) - 150
      case 1:
        return (next() * 0x200000 + below(0x200000)) * (below(2) ? 1 : -1)
      case 2: {
        const big = (BigInt(next()) << 32n) | BigInt(next())
        return below(2) ? big : -1n - big
      }
      case 3:
        return (next() - 0x80000000) / [1, 2, 8, 3, 1e300, -1e-290][below(6)]
      default: {
        const bits = new DataView(new ArrayBuffer(8))
        bits.setUint32(0, next())
        bits.setUint32(4, next())
        const d = bits.getFloat64(0)
        return Number.isFinite(d) ? d : -0
      }
    }
  }
  const value = depth => {
    budget--
    const kind = below(depth < 6 && budget > 0 ? 12 : 8)
    if (kind === 0) return null
    if (kind === 1) return below(2) === 0
    if (kind <= 4) return number()
    if (kind === 5) return bytes(length())
    if (kind === 6) return CID.create(1, below(2) ? dagCbor.code : RAW, Digest.create(SHA2_256, bytes(32)))
    if (kind === 7) return text()
    const size = below(20) === 0 ? 24 + below(10) : below(5)
    if (kind <= 9) return Array.from({ length: size }, () => value(depth + 1))
    const map = {}
    for (let i = 0; i < size; i++) map[text()] = value(depth + 1)
    return map
  }
  return value(0)
}

async function writeCar (roots, blocks) {
  const { writer, out } = CarWriter.create(roots)
  const chunks = []
  const collected = (async () => {
    for await (const chunk of out) chunks.push(chunk)
  })()
  for (const block of blocks) await writer.put(block)
  await writer.close()
  await collected
  return Buffer.concat(chunks)
}

const describeCar = (roots, blocks) =>
  `roots ${roots.join(' ')};` + blocks.map(b => `${b.cid} ${Buffer.from(b.bytes).toString('hex')};`).join('')

async function generateCar (seed) {
  const next = generator(seed)
  const blocks = []
  for (let n = next() % 30; n > 0; n--) {
    const codec = next() % 4 === 0 ? RAW : dagCbor.code
    const bytes =
      codec === RAW
        ? Uint8Array.from({ length: next() % (next() % 8 === 0 ? 20000 : 200) }, () => next() % 256)
        : dagCbor.encode(generateValue(next))
    blocks.push({ cid: cidOf(codec, bytes), bytes })
    if (next() % 10 === 0) blocks.push(blocks[next() % blocks.length])
  }
  const roots = blocks.filter(() => next() % 5 === 0).map(b => b.cid)
  return { roots, blocks }
}

async function answer (request) {
  const [verb, argument] = request.split(' ')
  switch (verb) {
    case 'decode': {
      const value = dagCbor.decode(new Uint8Array(Buffer.from(argument, 'base64')))
      return [describe(value).join(''), dagCbor.encode(value)]
    }
    case 'generate': {
      const value = generateValue(generator(Number(argument)))
      return [describe(value).join(''), dagCbor.encode(value)]
    }
    case 'car-decode': {
      const reader = await CarReader.fromBytes(new Uint8Array(Buffer.from(argument, 'base64')))
      const roots = await reader.getRoots()
      const blocks = []
      for await (const block of reader.blocks()) blocks.push(block)
      return [describeCar(roots, blocks), await writeCar(roots, blocks)]
    }
    case 'car-generate': {
      const { roots, blocks } = await generateCar(Number(argument))
      return [describeCar(roots, blocks), await writeCar(roots, blocks)]
    }
    case 'charwise': {
      const key = charwise.encode(Buffer.from(argument, 'base64').toString('utf8'))
      return [describe(key).join(''), Buffer.from(key, 'utf8')]
    }
    default:
      throw new Error(`unknown request ${verb}`)
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let reply
  try {
    const [description, bytes] = await answer(line)
    reply = `ok ${hash(description)} ${Buffer.from(bytes).toString('base64')}`
  } catch (e) {
    reply = `error ${String(e.message).replace(/\s+/g, ' ')}`
  }
  process.stdout.write(reply + '\n')
}
