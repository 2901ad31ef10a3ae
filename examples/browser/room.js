// A list that an unmodified alpha keeps in step with whoever is at an address: in a room, or at a LiveSync listener.

import { Fireproof, Sync } from '@fireproof/core'
import { dialling } from 'livesync-room'

const PAUSE = 2000

const status = document.querySelector('#status')
const list = document.querySelector('#items')
export const database = Fireproof.storage() // in the memory of this page: after a reload everything comes again from the other side

function tell (state, text) {
  status.dataset.state = state
  status.textContent = text
}

// ---- the connection

/** From the first try to the end of a session. Rejects where there was none. */
async function session (address) {
  const sync = new Sync(database, dialling(address))
  try {
    const there = sync.offer()
    const closed = new Promise(resolve => sync.peer.on('close', resolve))
    await there
    tell('equal', 'connected: changes go both ways')
    await closed
    tell('gone', 'the other side has gone; what you change stays in this page until it is back')
  } finally {
    sync.destroy()
    sync.peer.destroy()
  }
}

/** Keeps in step with an address, its secret behind a #. */
export async function keep (address) {
  for (;;) {
    try {
      await session(address)
    } catch (fault) {
      const isHopeless = ['AUTHENTICATION', 'INVALID_ARGUMENT'].includes(fault.kind)
      tell(isHopeless ? 'failed' : 'gone', fault.message)
      if (isHopeless) return
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE))
  }
}

// ---- what is shown

function item ({ key, value }) {
  const row = document.createElement('li')
  row.dataset.id = key
  row.className = value.done ? 'done' : ''
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', id: `done-${key}`, checked: Boolean(value.done) })
  box.addEventListener('change', () => database.put({ ...value, _id: key, done: box.checked }))
  const label = Object.assign(document.createElement('label'), { htmlFor: box.id, textContent: value.text ?? JSON.stringify(value) })
  const remove = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Delete' })
  remove.setAttribute('aria-label', `Delete ${label.textContent}`)
  remove.addEventListener('click', () => database.del(key))
  row.append(box, label, remove)
  return row
}

let stale = false
let showing = false

async function refresh () {
  stale = true
  if (showing) return
  showing = true
  while (stale) {
    stale = false
    const { rows } = await database.allDocuments()
    list.replaceChildren(...rows.sort((a, b) => (a.key < b.key ? -1 : 1)).map(item))
  }
  showing = false
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
await refresh()
