// Writes the vectors of sealed sessions: node sealed-vectors.mjs FILE. Always the same bytes; payloads come from @ipld/dag-cbor.

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import { End, clockTag, hex, keysOf, prologueOf } from './sealed.mjs'

const fill = (n, from) => Uint8Array.from({ length: n }, (_, i) => (from + i * 7) & 0xff)
const MANY = 65536 + 4

/** The payloads say the clocks of which these are the digests. */
async function session (name, names, payloads, clocks = []) {
  const keys = await keysOf(names.secret, names.answer)
  const ephemerals = [fill(32, 3), fill(32, 101)]
  const initiator = await End.create(true, { ...names, ephemeral: ephemerals[0] })
  const responder = await End.create(false, { ...names, ephemeral: ephemerals[1] })
  for (const [i, role] of ['initiator', 'responder'].entries()) {
    if (clocks[i]) payloads[i].c = await clockTag(initiator.pair.raw, role, clocks[i])
  }
  const first = await initiator.first(dagCbor.encode(payloads[0]))
  await responder.readFirst(first)
  const second = await responder.second(dagCbor.encode(payloads[1]))
  await initiator.readSecond(second)
  const sealed = []
  const seal = async (from, type, content) => sealed.push({
    from: from === initiator ? 'initiator' : 'responder',
    type,
    content: hex(content),
    sealed: hex(await from.sending.seal(type, content))
  })
  await seal(initiator, 'confirmation', new Uint8Array(0))
  await seal(initiator, 'text', new TextEncoder().encode('{"clock":[],"cids":[]}'))
  await seal(responder, 'binary', fill(100, 9))
  await seal(responder, 'text', new Uint8Array(0))
  await seal(responder, 'end', new Uint8Array(0))
  // So many that the key changes on the way.
  const all = createHash('sha256')
  for (let i = sealed.filter(s => s.from === 'initiator').length; i < MANY; i++) {
    all.update(await initiator.sending.seal('binary', fill(3, i)))
  }
  return {
    name,
    secret: names.secret,
    answer: names.answer ?? '',
    offerHash: hex(names.offerHash ?? []),
    answerHash: hex(names.answerHash ?? []),
    database: names.database ?? '',
    psk: hex(keys.psk),
    hintKey: hex(keys.hint),
    prologue: hex(prologueOf(names)),
    ephemerals: ephemerals.map(hex),
    clocks: clocks.map(hex),
    payloads: payloads.map(payload => hex(dagCbor.encode(payload))),
    first: hex(first),
    second: hex(second),
    hash: hex(initiator.hash),
    sealed,
    messages: MANY,
    rest: all.digest('hex')
  }
}

writeFileSync(process.argv[2], JSON.stringify({
  sessions: [
    await session('an address', { secret: 'An_address-with_a-secret_of_43_characters_000' }, [{}, {}]),
    await session('a named database', { secret: 'An_address-with_a-secret_of_43_characters_000', database: 'Notes \u00e9\u{1f600}' }, [
      { f: 0x25, w: 4194304 },
      { b: fill(32, 5), w: 1, zz: { unknown: [null, 1.5, 'field'] } }
    ], [fill(32, 1), fill(32, 2)]),
    await session('an exchange', {
      secret: 'The-offers-secret-000000000000000000000000000',
      answer: 'The-answers-secret-00000000000000000000000000',
      offerHash: fill(32, 77),
      answerHash: fill(32, 78)
    }, [{ w: 0 }, { f: 0 }])
  ]
}, null, 1) + '\n')
