// Draws the latest events of a clock: time goes to the right, what happened side by side stands one above the other.

const SVG = 'http://www.w3.org/2000/svg'
const STEP = 56
const LANE = 44
const MARGIN = 24
const MIN_HEIGHT = 160

/** How far each event is from the oldest ones shown: one more than the farthest of its parents. */
function columns (events) {
  const byCid = new Map(events.map(event => [event.cid, event]))
  const column = new Map()
  for (const start of events) {
    const path = [start]
    while (path.length > 0) {
      const event = path[path.length - 1]
      const parents = event.parents.filter(cid => byCid.has(cid))
      const open = parents.find(cid => !column.has(cid))
      if (open !== undefined) {
        path.push(byCid.get(open))
      } else {
        column.set(event.cid, 1 + Math.max(-1, ...parents.map(cid => column.get(cid))))
        path.pop()
      }
    }
  }
  return column
}

/**
 * Where each event goes. An event stays in the lane of a parent that nobody has gone on from yet; the lanes of its other
 * parents end there. One that finds no such parent opens a lane that has been free since before its parents.
 */
export function layout ({ events }) {
  const column = columns(events)
  const lane = new Map()
  const tips = []
  const freeSince = []
  const opens = new Set()
  for (const event of [...events].sort((a, b) => column.get(a.cid) - column.get(b.cid) || (a.cid < b.cid ? -1 : 1))) {
    const here = column.get(event.cid)
    const parents = event.parents.filter(cid => column.has(cid))
    const going = parents.map(cid => lane.get(cid)).filter(l => parents.includes(tips[l])).sort((a, b) => a - b)
    let own = going[0]
    if (own === undefined) {
      const from = Math.min(here - 1, ...parents.map(cid => column.get(cid)))
      own = tips.findIndex((tip, l) => tip === null && freeSince[l] <= from)
      if (own < 0) own = tips.length
      opens.add(event.cid)
    }
    for (const ended of going.slice(1)) {
      tips[ended] = null
      freeSince[ended] = here
    }
    tips[own] = event.cid
    lane.set(event.cid, own)
  }
  return new Map(events.map(({ cid }) => [
    cid,
    { x: MARGIN + column.get(cid) * STEP, y: MARGIN + lane.get(cid) * LANE, opens: opens.has(cid) }
  ]))
}

/** A line that leaves its lane only next to the event that opens or ends it, so that it passes no other. */
function line (from, to) {
  if (from.y === to.y) return `M${from.x},${from.y} H${to.x}`
  const bend = to.opens ? from.x : to.x - STEP
  const middle = bend + STEP / 2
  return `M${from.x},${from.y} H${bend} C${middle},${from.y} ${middle},${to.y} ${bend + STEP},${to.y} H${to.x}`
}

function element (name, attributes) {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

/** Shows a clock in an SVG element. */
export function draw (svg, clock) {
  const places = layout(clock)
  const heads = new Set(clock.heads)
  const lines = []
  const dots = []
  for (const event of clock.events) {
    const to = places.get(event.cid)
    for (const parent of event.parents) {
      const from = places.get(parent)
      if (from) {
        lines.push(element('path', { d: line(from, to) }))
      }
    }
    const kind = [event.delete ? 'del' : 'put', heads.has(event.cid) ? 'head' : ''].join(' ').trim()
    const dot = element('circle', { cx: to.x, cy: to.y, r: 10, class: kind })
    const title = element('title', {})
    title.textContent = `${event.delete ? 'delete' : 'put'} ${event.id}\n${event.cid}`
    dot.append(title)
    dots.push(dot)
  }
  svg.replaceChildren(...lines, ...dots)
  const all = [...places.values()]
  const right = Math.max(0, ...all.map(p => p.x)) + MARGIN
  const bottom = Math.max(0, ...all.map(p => p.y)) + MARGIN
  const width = Math.max(svg.getBoundingClientRect().width, 1)
  const height = Math.max(MIN_HEIGHT, bottom)
  svg.style.height = `${height}px`
  // Never scaled: dots keep their size. What fits is in the middle; of what doesn't the latest events stay in sight, and what is
  // older leaves on the left.
  const left = right > width ? right - width : (right - width) / 2
  svg.setAttribute('viewBox', `${left} ${(bottom - height) / 2} ${width} ${height}`)
}
