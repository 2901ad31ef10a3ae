import { Fireproof, Sync } from './node_modules/@fireproof/core/dist/src/fireproof.mjs'
import { draw } from './clock.js'

const token = location.hash.slice(1)
const status = document.querySelector('#status')
const list = document.querySelector('#items')
const svg = document.querySelector('#clock')
const counts = document.querySelector('#counts')

// A database in the memory of this page: after a reload everything comes again from the other side.
const database = Fireproof.storage()

/** The other side is on this machine, so nobody elsewhere needs to be asked for a way to it. */
class LocalPeer {
  constructor (options) {
    return new window.SimplePeer({ ...options, config: { iceServers: [] } })
  }
}

async function ask (path, options = {}) {
  const response = await fetch(`/livesync/${path}`, { ...options, headers: { 'LiveSync-Token': token } })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

function tell (state, text) {
  status.dataset.state = state
  status.textContent = text
}

async function connect () {
  const sync = new Sync(database, LocalPeer)
  const offer = await sync.offer()
  sync.connect(await ask('accept', { method: 'POST', body: offer }))
  sync.peer.on('close', () => tell('failed', 'the other side has left; reload to connect again'))
  sync.peer.on('error', error => tell('failed', error.message))
  await sync.backlog()
  await show()
}

function item ({ key, value }) {
  const row = document.createElement('li')
  row.dataset.id = key
  row.className = value.done ? 'done' : ''
  const box = document.createElement('input')
  box.type = 'checkbox'
  box.id = `done-${key}`
  box.checked = Boolean(value.done)
  box.addEventListener('change', () => database.put({ ...value, _id: key, done: box.checked }))
  const label = document.createElement('label')
  label.htmlFor = box.id
  label.textContent = value.text ?? JSON.stringify(value)
  const remove = document.createElement('button')
  remove.type = 'button'
  remove.textContent = 'Delete'
  remove.setAttribute('aria-label', `Delete ${label.textContent}`)
  remove.addEventListener('click', () => database.del(key))
  row.append(box, label, remove)
  return row
}

async function show () {
  const { rows } = await database.allDocuments()
  rows.sort((a, b) => (a.key < b.key ? -1 : 1))
  list.replaceChildren(...rows.map(item))
  await showClock()
}

async function showClock () {
  const clock = JSON.parse(await ask('clock'))
  draw(svg, clock)
  counts.textContent = `${clock.documents} documents, ${clock.total} events`
  const here = database.clockToJSON().slice().sort().join()
  const equal = here === clock.heads.slice().sort().join()
  tell(equal ? 'equal' : 'busy', equal ? 'in step: the same heads on both sides' : 'exchanging …')
}

let again = false
let showing = false

/** One look at a time, and one more if something changed meanwhile. */
async function refresh () {
  again = true
  if (showing) return
  showing = true
  try {
    while (again) {
      again = false
      await show()
    }
  } catch (error) {
    tell('failed', error.message)
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
  if (text) await database.put({ _id: `item-${Date.now()}`, text, done: false })
})

database.subscribe(refresh)
// A change needs a moment to reach the other side, which does not call back; its clock is looked at until it is equal.
setInterval(() => {
  if (status.dataset.state === 'busy' || status.dataset.state === 'equal') refresh()
}, 1000)

connect().catch(error => tell('failed', error.message))
