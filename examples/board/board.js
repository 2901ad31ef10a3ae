// A board: notes in a database of Fireproof's alpha, and for the moment everybody's pointer, and who is typing where.

import { Fireproof, Sync } from '@fireproof/core'
import { keep } from 'livesync-room/keep.mjs'
import { Presence } from 'livesync-room/presence.mjs'

const find = selector => document.querySelector(selector)
const [board, status, nameField, here] = ['#board', '#status', '#name', '#here'].map(find)
const notes = Fireproof.storage()
const presence = new Presence()
const colour = peer => `hsl(${parseInt(peer.slice(0, 4), 16) % 360} 60% 38%)`

// ---- who is here

nameField.value = sessionStorage.getItem('name') ?? `Guest ${presence.id.slice(0, 3)}`

function introduce () {
  sessionStorage.setItem('name', nameField.value)
  presence.set('name', nameField.value || 'Somebody')
}

nameField.addEventListener('input', introduce)
introduce()

board.addEventListener('pointermove', ({ clientX, clientY }) => {
  const { left, top, width, height } = board.getBoundingClientRect()
  presence.set('pointer', { x: (clientX - left) / width, y: (clientY - top) / height })
})
board.addEventListener('pointerleave', () => presence.remove('pointer'))

function show (entries) {
  const people = new Map()
  for (const { peer, key, value, own } of entries) {
    if (!people.has(peer)) people.set(peer, { peer, own })
    people.get(peer)[key] = value
  }
  here.replaceChildren(...[...people.values()].map(({ peer, own, name }) => {
    const item = Object.assign(document.createElement('li'), { textContent: own ? `${name} (you)` : name })
    item.style.background = colour(peer)
    return item
  }))
  for (const pointer of board.querySelectorAll('.pointer')) pointer.remove()
  for (const typing of board.querySelectorAll('.typing')) typing.textContent = ''
  for (const { peer, own, name, pointer, typing } of people.values()) {
    if (own) continue
    if (pointer) {
      const mark = Object.assign(document.createElement('span'), { className: 'pointer', textContent: name })
      Object.assign(mark.style, { left: `${100 * pointer.x}%`, top: `${100 * pointer.y}%`, background: colour(peer) })
      board.append(mark)
    }
    const note = typing && document.getElementById(typing)
    if (note) note.querySelector('.typing').textContent = `${name} is typing …`
  }
}

// ---- the notes

function noteOf (id) {
  const there = document.getElementById(id)
  if (there) return there
  const note = Object.assign(document.createElement('article'), { id, className: 'note' })
  note.innerHTML = '<div class="bar"></div><textarea aria-label="Note"></textarea><div class="typing"></div>'
  const [bar, text] = note.children
  const save = change => notes.get(id).then(stored => notes.put({ ...stored, ...change }))
  text.addEventListener('input', () => {
    presence.set('typing', id, 3000)
    clearTimeout(note.saving)
    note.saving = setTimeout(() => save({ text: text.value }), 300)
  })
  bar.addEventListener('pointerdown', event => {
    bar.setPointerCapture(event.pointerId)
    bar.onpointermove = ({ movementX, movementY }) => place(note, note.offsetLeft + movementX, note.offsetTop + movementY)
  })
  bar.addEventListener('pointerup', () => {
    bar.onpointermove = null
    save({ x: note.offsetLeft, y: note.offsetTop })
  })
  board.append(note)
  return note
}

const place = (note, x, y) => Object.assign(note.style, { left: `${x}px`, top: `${y}px` })

async function refresh () {
  const { rows } = await notes.allDocuments()
  for (const { key, value: { x, y, text } } of rows) {
    const note = noteOf(key)
    place(note, x, y)
    const field = note.querySelector('textarea')
    if (document.activeElement !== field) field.value = text
  }
  show(presence.entries())
}

find('#add').addEventListener('click', () => {
  const at = 40 + 24 * (board.querySelectorAll('.note').length % 12)
  // Ascending ids: the alpha's own tree loses documents where they come in any other order.
  notes.put({ _id: `note-${Date.now()}`, text: '', x: at, y: at })
})

// ---- the connection

keep(Sync, notes, location.hash.slice(1), {
  presence,
  direct: true,
  told: (state, fault) => { status.textContent = fault ? `${state}: ${fault.message}` : state }
})
addEventListener('pagehide', () => presence.close())
notes.subscribe(refresh)
presence.subscribe(show)
