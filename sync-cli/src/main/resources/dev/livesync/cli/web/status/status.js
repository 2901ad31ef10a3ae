// The page asks its server for one report every two seconds (?every=500 for half a second), and draws it. Sparklines show what was seen
// since it was opened.
import { draw } from './clock.js'

const SVG = 'http://www.w3.org/2000/svg'
const EVERY = Math.max(200, Number(new URLSearchParams(location.search).get('every')) || 2_000)
const CLOCK_EVERY = 3
const SAMPLES = 60

const state = document.querySelector('#state')
const main = document.querySelector('#databases')
const find = document.querySelector('#find')
const pause = document.querySelector('#pause')
const shown = new Map()
let asked = 0
let last = null

/** The columns of sessions: what they are called, their text, and what they are ordered by. */
const COLUMNS = [
  { label: 'Peer', text: s => s.peer, order: s => s.peer },
  { label: 'Grant', text: s => s.grant || '–', order: s => s.grant },
  { label: 'Transport', text: s => s.transport, order: s => s.transport },
  { label: 'State', text: s => s.state, order: s => s.state, state: true },
  { label: 'Lag', text: lag, order: s => s.lagMillis * 1e9 + s.lagEvents, number: true },
  { label: 'In', text: s => bytes(s.bytesReceived), order: s => s.bytesReceived, number: true },
  { label: 'Out', text: s => bytes(s.bytesSent), order: s => s.bytesSent, number: true }
]

/** What stands at the top of each database; those with a rate show what was added in a second. */
const TILES = [
  { label: 'Sessions', text: d => count(d.sessions.length), value: d => d.sessions.length },
  { label: 'Lag', text: d => lag(behind(d)), value: d => behind(d).lagMillis, warn: d => behind(d).lagMillis > 60_000 },
  { label: 'In', text: (d, r) => `${bytes(r)}/s`, rate: d => d.bytesReceived },
  { label: 'Out', text: (d, r) => `${bytes(r)}/s`, rate: d => d.bytesSent },
  { label: 'Documents', text: d => count(d.documents), value: d => d.documents },
  { label: 'Events', text: d => count(d.events), value: d => d.events },
  { label: 'Waiting for ancestors', text: d => count(d.pending), value: d => d.pending, warn: d => d.pending > 0 },
  { label: 'Stored', text: d => bytes(d.bytes), value: d => d.bytes },
  { label: 'Transactions', text: (d, r) => `${count(r)}/s`, rate: d => d.transactions ?? d.commits },
  { label: 'Queue', text: d => count(queue(d)), value: queue },
  { label: 'Turned away', text: d => count(d.refused), value: d => d.refused },
  { label: 'Changes refused', text: d => count(d.changesRefused), value: d => d.changesRefused, warn: d => d.changesRefused > 0 }
]

function behind (database) {
  return database.sessions.reduce(
    (most, s) => ({ lagMillis: Math.max(most.lagMillis, s.lagMillis), lagEvents: Math.max(most.lagEvents, s.lagEvents) }),
    { lagMillis: 0, lagEvents: 0 }
  )
}

/** A store counts neither its transactions nor who waits in it: it is others', too. */
function queue (database) {
  return (database.waiting ?? 0) + database.commitsWaiting
}

function count (number) {
  return Math.round(number).toLocaleString('en')
}

function bytes (number) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = number
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toPrecision(2)} ${units[unit]}`
}

function lag ({ lagEvents, lagMillis }) {
  if (lagEvents < 0) return 'backlog'
  if (lagEvents === 0) return 'none'
  return `${count(lagEvents)} ev, ${lagMillis < 10_000 ? (lagMillis / 1000).toFixed(1) : count(lagMillis / 1000)} s`
}

function make (name, text, attributes = {}) {
  const made = document.createElement(name)
  made.textContent = text
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

/** Changes only what is different, so that screen readers and selections are left alone. */
function say (element, text) {
  if (element.textContent !== text) element.textContent = text
}

class Tile {
  constructor (kind, list) {
    this.kind = kind
    this.samples = []
    this.box = make('div', '')
    this.value = make('dd', '')
    this.line = document.createElementNS(SVG, 'path')
    const svg = document.createElementNS(SVG, 'svg')
    svg.setAttribute('viewBox', `0 0 ${SAMPLES - 1} 20`)
    svg.setAttribute('preserveAspectRatio', 'none')
    svg.setAttribute('aria-hidden', 'true')
    svg.append(this.line)
    this.box.append(make('dt', kind.label), this.value, svg)
    list.append(this.box)
  }

  show (database, time) {
    let value
    if (this.kind.rate) {
      const total = this.kind.rate(database)
      value = this.before && time > this.before.time ? ((total - this.before.total) * 1000) / (time - this.before.time) : 0
      this.before = { total, time }
    } else {
      value = this.kind.value(database)
    }
    this.samples.push(value)
    if (this.samples.length > SAMPLES) this.samples.shift()
    say(this.value, this.kind.text(database, value))
    this.box.classList.toggle('warn', Boolean(this.kind.warn?.(database)))
    const least = Math.min(...this.samples)
    const span = Math.max(...this.samples) - least || 1
    const from = SAMPLES - this.samples.length
    this.line.setAttribute(
      'd',
      this.samples.map((v, i) => `${i === 0 ? 'M' : 'L'}${from + i},${(18 - ((v - least) / span) * 16).toFixed(1)}`).join(' ')
    )
  }
}

class DatabaseView {
  constructor (name) {
    this.name = name
    this.section = document.querySelector('#database').content.firstElementChild.cloneNode(true)
    const title = this.section.querySelector('h2')
    title.textContent = name
    title.id = `database-${shown.size}`
    this.section.setAttribute('aria-labelledby', title.id)
    this.problem = this.section.querySelector('.problem')
    this.tiles = TILES.map(kind => new Tile(kind, this.section.querySelector('.tiles')))
    this.clock = this.section.querySelector('.clock svg')
    this.counts = this.section.querySelector('.clock output')
    this.sessions = this.section.querySelector('.sessions')
    this.sessions.querySelector('.scroll').setAttribute('aria-label', `Sessions of ${name}`)
    this.body = this.section.querySelector('tbody')
    this.rows = new Map()
    this.by = 4
    this.down = true
    this.heads = COLUMNS.map((column, i) => {
      const head = make('th', '', { scope: 'col', 'aria-sort': 'none' })
      if (column.number) head.className = 'number'
      const button = make('button', column.label, { type: 'button' })
      button.addEventListener('click', () => this.order(i))
      head.append(button)
      return head
    })
    this.section.querySelector('thead tr').append(...this.heads)
    this.mark()
    main.append(this.section)
  }

  order (column) {
    this.down = this.by === column ? !this.down : Boolean(COLUMNS[column].number)
    this.by = column
    this.mark()
    this.table()
  }

  mark () {
    this.heads.forEach((head, i) => head.setAttribute('aria-sort', i !== this.by ? 'none' : this.down ? 'descending' : 'ascending'))
  }

  show (database, time) {
    this.database = database
    this.tiles.forEach(tile => tile.show(database, time))
    this.problem.hidden = !database.problem
    say(this.problem, database.problem ?? '')
    this.table()
    this.refusals()
  }

  table () {
    const { sessions } = this.database
    const wanted = find.value.trim().toLowerCase()
    const order = COLUMNS[this.by].order
    const sign = this.down ? -1 : 1
    const found = sessions
      .filter(s => COLUMNS.some(column => column.text(s).toLowerCase().includes(wanted)))
      .sort((a, b) => sign * (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0) || (a.peer < b.peer ? -1 : a.peer > b.peer ? 1 : a.id < b.id ? -1 : 1))
    say(this.sessions.querySelector('h3'), wanted ? `Sessions (${found.length} of ${sessions.length})` : `Sessions (${sessions.length})`)
    this.sessions.querySelector('.scroll').hidden = sessions.length === 0
    this.sessions.querySelector('.none').hidden = sessions.length > 0
    const rows = found.map(session => this.row(session))
    for (const id of this.rows.keys()) {
      if (!found.some(s => s.id === id)) this.rows.delete(id)
    }
    const same = rows.length === this.body.children.length && rows.every((row, i) => row === this.body.children[i])
    if (!same) this.body.replaceChildren(...rows)
  }

  row (session) {
    let row = this.rows.get(session.id)
    if (!row) {
      row = make('tr', '')
      COLUMNS.forEach((column, i) => {
        const cell = i === 0 ? make('th', '', { scope: 'row' }) : make('td', '', { 'data-label': column.label })
        if (column.number) cell.className = 'number'
        row.append(cell)
      })
      this.rows.set(session.id, row)
    }
    COLUMNS.forEach((column, i) => {
      say(row.children[i], column.text(session))
      if (column.state) row.children[i].dataset.state = session.state
    })
    row.title = `${session.status}, ${session.rights}${session.alpha ? ', an alpha' : ''}`
    return row
  }

  refusals () {
    const { refusals } = this.database
    const list = this.section.querySelector('.refusals ol')
    this.section.querySelector('.refusals .none').hidden = refusals.length > 0
    const key = JSON.stringify(refusals)
    if (key === this.refused) return
    this.refused = key
    list.replaceChildren(
      ...refusals.map(({ time, remote, kind, reason }) => {
        const item = make('li', '')
        item.append(make('time', new Date(time).toLocaleTimeString(), { datetime: time }), `${remote}: ${kind}. ${reason}`)
        return item
      })
    )
  }

  async drawClock () {
    const clock = await ask(`/livesync/clock?database=${encodeURIComponent(this.name)}`)
    draw(this.clock, clock)
    say(this.counts, `${count(clock.total)} events, ${count(clock.heads.length)} ${clock.heads.length === 1 ? 'head' : 'heads'}`)
  }
}

async function ask (path) {
  const response = await fetch(path, { headers: { 'LiveSync-Token': location.hash.slice(1) } })
  if (!response.ok) throw Object.assign(new Error(await response.text()), { status: response.status })
  return response.json()
}

async function look () {
  try {
    const report = await ask('/livesync/status')
    last = Date.parse(report.time)
    const names = new Set(report.databases.map(d => d.name))
    for (const [name, view] of shown) {
      if (!names.has(name)) {
        view.section.remove()
        shown.delete(name)
      }
    }
    for (const database of report.databases) {
      if (!shown.has(database.name)) shown.set(database.name, new DatabaseView(database.name))
      shown.get(database.name).show(database, last)
    }
    if (asked++ % CLOCK_EVERY === 0) await Promise.all([...shown.values()].map(view => view.drawClock()))
    tell('live', 'live')
  } catch (e) {
    tell('gone', e.status === 403 ? 'The secret in this address is not the one of this server.' : 'The server does not answer.')
  }
}

/** Only what changes is said aloud. */
function tell (kind, text) {
  state.dataset.state = kind
  say(state, text)
}

async function run () {
  if (!document.hidden && pause.getAttribute('aria-pressed') === 'false') await look()
  setTimeout(run, EVERY)
}

pause.addEventListener('click', () => {
  const paused = pause.getAttribute('aria-pressed') === 'false'
  pause.setAttribute('aria-pressed', String(paused))
  if (paused) tell('busy', 'paused')
  else look()
})
find.addEventListener('input', () => shown.forEach(view => view.database && view.table()))
addEventListener('hashchange', look)
run()
