// One end of a sealed session for tests: one request a line on stdin, one answer a line on stdout. Bytes are hexadecimal, "-" where there are none.
//
//   initiate SECRET ANSWER DATABASE PAYLOAD         -> ok MESSAGE
//   answered MESSAGE                                -> ok PAYLOAD CONFIRMATION
//   respond SECRET ANSWER DATABASE PAYLOAD MESSAGE  -> ok PAYLOAD MESSAGE
//   seal TYPE CONTENT                               -> ok MESSAGE
//   open MESSAGE                                    -> ok TYPE CONTENT
//
// What fails is answered with: error MESSAGE

import { createInterface } from 'node:readline'
import { End, hex, unhex } from './sealed.mjs'

const bytes = text => (text === '-' ? new Uint8Array(0) : unhex(text))
const show = all => hex(all) || '-'
const text = word => (word === '-' ? undefined : word)
let end

async function answer ([verb, ...words]) {
  switch (verb) {
    case 'initiate':
      end = await End.create(true, { secret: words[0], answer: text(words[1]), database: text(words[2]) })
      return [show(await end.first(bytes(words[3])))]
    case 'answered': {
      const payload = await end.readSecond(bytes(words[0]))
      return [show(payload), show(await end.sending.seal('confirmation', new Uint8Array(0)))]
    }
    case 'respond': {
      end = await End.create(false, { secret: words[0], answer: text(words[1]), database: text(words[2]) })
      const payload = await end.readFirst(bytes(words[4]))
      return [show(payload), show(await end.second(bytes(words[3])))]
    }
    case 'seal':
      return [show(await end.sending.seal(words[0], bytes(words[1])))]
    case 'open': {
      const { type, content } = await end.receiving.open(bytes(words[0]))
      return [type, show(content)]
    }
    default:
      throw new Error(`unknown request ${verb}`)
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let reply
  try {
    reply = `ok ${(await answer(line.split(' '))).join(' ')}`
  } catch (e) {
    reply = `error ${String(e.message).replace(/\s+/g, ' ')}`
  }
  process.stdout.write(reply + '\n')
}
