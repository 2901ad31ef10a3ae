// A list that an unmodified alpha keeps in step with whoever is at an address: in a room, or at a LiveSync listener.

import { Fireproof, Sync } from '@fireproof/core'
import { keep as keepInStep } from 'livesync-room/keep.mjs'

const status = document.querySelector('#status')
const list = document.querySelector('#items')
export const database = Fireproof.storage() // in the memory of this page: after a reload everything comes again from the other side

function tell (state, text) {
  status.dataset.state = state
  status.textContent = text
}

// ---- the connection

const SAYS = {
  connecting: ['busy', () => 'connecting …'],
  connected: ['equal', () => 'connected: changes go both ways'],
  waiting: ['gone', fault => `${fault?.message ?? 'the other side has gone'}; what you change stays in this page until it is back`],
  stopped: ['failed', fault => fault?.message ?? 'left']
}

/** Keeps in step with an address, its secret behind a #. Where both sides have WebRTC a room only introduces them. */
export function keep (address) {
  return keepInStep(Sync, database, address, {
    direct: true,
    told: (state, fault) => {
      const [shown, text] = SAYS[state]
      tell(shown, text(fault))
    }
  })
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
