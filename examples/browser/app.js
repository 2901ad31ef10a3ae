import { Fireproof, Sync } from './node_modules/@fireproof/core/dist/src/fireproof.mjs'
import { draw } from './clock.js'
import { Unsent } from './unsent.js'

/** How often the other side's clock is looked at, and how long it may take to tell: together the time until its absence shows. */
const PAUSE = 1000
const PATIENCE = 3000

const token = location.hash.slice(1)
const status = document.querySelector('#status')
const list = document.querySelector('#items')
const svg = document.querySelector('#clock')
const counts = document.querySelector('#counts')
const apartButton = document.querySelector('#apart')

// A database in the memory of this page: after a reload everything comes again from the other side, and what had not reached it from `unsent`.
const database = Fireproof.storage()
const unsent = new Unsent(sessionStorage)

/** The other side is on this machine, so nobody elsewhere needs to be asked for a way to it. */
class LocalPeer {
  constructor (options) {
    return new window.SimplePeer({ ...options, config: { iceServers: [] } })
  }
}

/** Nobody answers: the process is gone, or busy. */
class Gone extends Error {}

async function ask (path, patience, options = {}) {
  let response, text
  try {
    const signal = AbortSignal.timeout(patience)
    response = await fetch(`/livesync/${path}`, { ...options, signal, headers: { 'LiveSync-Token': token } })
    text = await response.text()
  } catch (error) {
    throw new Gone(error.name)
  }
  if (response.status === 403) throw new Error('this address is no longer valid: open the one that livesync prints now')
  if (!response.ok) throw new Error(text)
  return text
}

function tell (state, text) {
  if (status.dataset.state === state && status.textContent === text) return
  status.dataset.state = state
  status.textContent = text
}

// ---- the connection

let link = null
let apart = false

/** Ends the connection, if there is one, and takes it from the alpha, which would go on sending. */
function leave () {
  const old = link
  link = null
  old?.destroy()
  old?.peer?.destroy()
}

async function join () {
  const mine = new Sync(database, LocalPeer)
  link = mine
  try {
    const offer = await mine.offer()
    const lost = new Promise(resolve => {
      for (const event of ['close', 'error']) mine.peer.on(event, resolve)
    })
    lost.then(() => { if (link === mine) leave() })
    mine.connect(await ask('accept', 20_000, { method: 'POST', body: offer }))
    await Promise.race([mine.backlog(), lost])
  } catch (error) {
    if (link === mine) leave()
    throw error
  }
  if (link === mine) await unsent.repeat(database)
}

// ---- what is shown

let clock = null

function item ({ key, value }) {
  const row = document.createElement('li')
  row.dataset.id = key
  row.className = value.done ? 'done' : ''
  const box = document.createElement('input')
  box.type = 'checkbox'
  box.id = `done-${key}`
  box.checked = Boolean(value.done)
  box.addEventListener('change', () => change(key, { ...value, done: box.checked }))
  const label = document.createElement('label')
  label.htmlFor = box.id
  label.textContent = value.text ?? JSON.stringify(value)
  const remove = document.createElement('button')
  remove.type = 'button'
  remove.textContent = 'Delete'
  remove.setAttribute('aria-label', `Delete ${label.textContent}`)
  remove.addEventListener('click', () => change(key, null))
  row.append(box, label, remove)
  return row
}

async function change (id, value) {
  await unsent.change(id, value, () => value ? database.put({ ...value, _id: id }) : database.del(id))
}

async function showList () {
  const { rows } = await database.allDocuments()
  rows.sort((a, b) => (a.key < b.key ? -1 : 1))
  const focused = document.activeElement?.id
  list.replaceChildren(...rows.map(item))
  if (focused) document.getElementById(focused)?.focus()
}

function showClock () {
  if (clock === null) return
  draw(svg, clock)
  counts.textContent = `${clock.documents} documents, ${clock.total} events`
}

function isEqual () {
  return database.clockToJSON().slice().sort().join() === clock.heads.slice().sort().join()
}

/** Looks at the other side, joins it where that is wanted, and says how things are. */
async function look () {
  try {
    const text = await ask('clock', PATIENCE)
    if (JSON.stringify(clock) !== text) {
      clock = JSON.parse(text)
      showClock()
    }
    if (!apart && link === null) {
      tell('busy', 'connecting …')
      await join()
      clock = JSON.parse(await ask('clock', PATIENCE))
      showClock()
    }
    if (apart) {
      tell('apart', 'apart: what you change stays in this page until you come together')
    } else if (link !== null && isEqual()) {
      unsent.clear()
      tell('equal', 'in step: the same heads on both sides')
    } else {
      tell('busy', 'exchanging …')
    }
  } catch (error) {
    if (!(error instanceof Gone)) {
      tell('failed', error.message)
      return
    }
    // Whoever does not answer in time may be busy, and the connection whole.
    if (error.message !== 'TimeoutError') leave()
    tell('gone', 'the process that served this page is gone; what you change stays here, and goes over when it is back')
  }
}

let looking = null

/** One look at a time, and one more if it is asked for meanwhile. */
function lookSoon () {
  clearTimeout(looking)
  looking = setTimeout(async () => {
    await look()
    if (looking !== null) lookSoon()
  }, PAUSE)
}

let again = false
let showing = false

async function refresh () {
  again = true
  if (showing) return
  showing = true
  try {
    while (again) {
      again = false
      await showList()
    }
  } finally {
    showing = false
  }
}

document.querySelector('#add').addEventListener('submit', async event => {
  event.preventDefault()
  const field = document.querySelector('#text')
  const text = field.value.trim()
  field.value = ''
  // Ascending ids: the alpha's own tree loses documents where they come in any other order.
  if (text) await change(`item-${Date.now()}`, { text, done: false })
})

document.querySelector('#two').addEventListener('click', () => window.open(location.href, '_blank', 'noopener'))

apartButton.addEventListener('click', () => {
  apart = !apart
  apartButton.textContent = apart ? 'Come together' : 'Work apart'
  apartButton.setAttribute('aria-pressed', String(apart))
  if (apart) {
    leave()
    tell('apart', 'apart: what you change stays in this page until you come together')
  }
})

window.addEventListener('resize', showClock)
// A reload keeps it, closing the page would not.
window.addEventListener('beforeunload', event => { if (!unsent.isEmpty()) event.preventDefault() })

database.subscribe(refresh)
await look()
lookSoon()
