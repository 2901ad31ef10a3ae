// LiveSync for pages and Node: what an alpha's Sync takes in the place of simple-peer, to sync through a room or with a listener over WebSocket,
// proved and sealed. README.md says how to use it. It needs WebCrypto with X25519, and nothing else.

import { introducing } from './direct.mjs'
import { Room, SocketLink } from './room.mjs'
import { Fault, random, Session } from './session.mjs'

export { Fault }

const CALLERS = 8

function parse (address) {
  const [where, secret] = address.split('#')
  const [, plain, room, seat] = /^partykit(\+ws)?:(\/\/[^/]+\/parties\/[^/]+\/[^/]+)\/?([^/]*)$/.exec(where) ?? []
  const isSecret = secret === undefined || /^(?!\d{0,38}$)(?![\da-fA-F]{0,31}$)[\w-]{22,1024}$/.test(secret)
  if (!isSecret) throw new Fault('INVALID_ARGUMENT', 'the secret of this address has no room for 128 bits')
  return { url: room ? `${plain ? 'ws' : 'wss'}:${room}` : where, base: `partykit${plain ?? ''}:${room}`, seat, secret }
}

const namesOf = (secret, { database, direct }) => ({ secret, database, direct: direct ? introducing(direct) : undefined })

async function dial (address, options) {
  const { url, seat, secret } = parse(address)
  if (!secret || seat === '') throw new Fault('INVALID_ARGUMENT', 'this address has no secret, or no seat')
  const names = namesOf(secret, options)
  if (seat === undefined) return Session.open(await new SocketLink().dial(url, options), true, names)
  const room = await Room.join(url, options)
  const channel = await room.dial(seat).catch(fault => {
    room.leave()
    throw fault
  })
  channel.done.then(() => room.leave())
  return Session.open(channel, true, names)
}

class Peer {
  handlers = {}
  on (event, handler) { (this.handlers[event] ??= []).push(handler) }
  async emit (event, value) { for (const handler of this.handlers[event] ?? []) await handler(value) }
  send (data) { this.session?.send(data).catch(fault => this.session.link.end(fault)) }

  async run (opening, signal) {
    try {
      this.session = await opening
      if (this.destroyed) return this.session.close()
      if (signal) await this.emit('signal', signal)
      await this.emit('connect')
      for (let next = await this.session.receive(); next !== undefined; next = await this.session.receive()) {
        await this.emit('data', typeof next === 'string' ? { toString: () => next } : next).catch(fault => this.emit('error', fault))
      }
    } catch (fault) {
      if (!this.destroyed) await this.emit('error', fault)
    }
    await this.destroy()
    await this.emit('close')
  }

  async destroy () {
    if (this.destroyed) return
    this.destroyed = true
    await this.session?.close()
    await this.session?.link.done
    this.room?.leave()
  }
}

/** Peers that dial an address. The `offer` of their Sync resolves when the session is there, and rejects with what went wrong. */
export const dialling = (address, options = {}) => class extends Peer {
  constructor () {
    super()
    this.run(dial(address, options), { type: 'dialled' })
  }
}

/** Peers that offer and accept in a room. Who offers sits there, at a seat and with a secret that the address names, or at random ones. */
export const meeting = (address, options = {}) => class extends Peer {
  constructor ({ initiator }) {
    super()
    this.initiator = initiator
    if (initiator) this.run(this.#called())
  }

  /** Takes an offer. An answer says no more than that its author has called. */
  signal (said) { if (!this.initiator) this.run(dial(said.address, options), { type: 'answer' }) }

  /** Whoever calls first and proves the secret. `refused` tells of who does not. */
  async #called () {
    const { url, base, seat, secret = random(32) } = parse(address)
    const mine = seat || random(16)
    this.room = await Room.join(url, options)
    let callers = 0
    const first = new Promise((resolve, reject) => {
      this.room.done.then(reject)
      this.room.seats.set(mine, channel => {
        if (++callers > CALLERS) channel.reset('too many callers at once')
        Session.open(channel, false, namesOf(secret, options))
          .then(session => this.room.seats.delete(mine) ? resolve(session) : session.close(), fault => this.emit('refused', fault))
          .finally(() => callers--)
      })
    })
    await Promise.race([first, this.room.sit(mine)])
    await this.emit('signal', { type: 'offer', address: `${base}/${mine}#${secret}` })
    return first
  }
}
