// Keeps an alpha in step with an address: dials again when a session has ended, and at once when the page or its
// network comes back.

import { dialling, Fault } from './livesync-room.mjs'

const [FIRST, LONGEST] = [500, 30_000] // between two dials
const [LOOK, ASLEEP] = [30_000, 180_000] // a page in the background looks once a minute
const EVENTS = ['online', 'pageshow']
const HOPELESS = ['AUTHENTICATION', 'INVALID_ARGUMENT', 'UNSUPPORTED']

/**
 * `told(state, fault)` hears of `connecting`, `connected`, `waiting`, and last of all of `stopped`: after `close()`, or
 * where another dial would not help. All other options are those of `dialling`.
 */
export function keep (Sync, database, address, { told = () => {}, events = globalThis, ...options } = {}) {
  const PeerClass = dialling(address, options)
  let [pause, seen, isClosed] = [FIRST, Date.now(), false]
  let peer, wake

  /** From the first try to the end of a session; answers with what ended it. */
  async function session () {
    const sync = new Sync(database, PeerClass)
    let lost
    try {
      const there = sync.offer()
      peer = sync.peer
      peer.on('error', fault => { lost = fault })
      const gone = new Promise(resolve => peer.on('close', resolve))
      await there
      const since = Date.now()
      told('connected')
      await gone
      if (Date.now() - since > LONGEST) pause = FIRST
    } catch (fault) {
      lost = fault
    }
    sync.destroy()
    await peer.destroy()
    return lost
  }

  async function rest () {
    let timer
    await new Promise(resolve => {
      wake = resolve
      timer = setTimeout(resolve, pause * (1 + Math.random()) / 2)
    })
    clearTimeout(timer)
    pause = Math.min(2 * pause, LONGEST)
  }

  async function run () {
    let fault
    while (!isClosed) {
      told('connecting')
      fault = await session()
      if (isClosed || HOPELESS.includes(fault?.kind)) break
      told('waiting', fault)
      await rest()
    }
    clearInterval(clock)
    for (const event of EVENTS) events.removeEventListener?.(event, renew)
    told('stopped', fault)
  }

  /** What was connected before a sleep may be so no more, and nobody says so. */
  function renew ({ type, persisted } = {}) {
    if (type === 'pageshow' && !persisted) return // it has just been loaded
    pause = FIRST
    peer?.session?.link.end(new Fault('DISCONNECTED', 'the page was asleep, or its network has changed'))
    wake?.()
  }

  const clock = setInterval(() => {
    if (Date.now() - seen > ASLEEP) renew()
    seen = Date.now()
  }, LOOK)
  for (const event of EVENTS) events.addEventListener?.(event, renew)
  const ended = run()

  return {
    /** Ends the session, and dials no more. */
    async close () {
      isClosed = true
      wake?.()
      await peer?.destroy()
      await ended
    }
  }
}
