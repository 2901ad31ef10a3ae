// Draws the latest events of a clock: time goes to the right, what happened side by side stands one above the other.

const SVG = 'http://www.w3.org/2000/svg'
const STEP = 56
const LANE = 44
const MARGIN = 24

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

/** Where each event goes. */
export function layout ({ events }) {
  const column = columns(events)
  const taken = new Map()
  const places = new Map()
  for (const event of [...events].sort((a, b) => column.get(a.cid) - column.get(b.cid) || (a.cid < b.cid ? -1 : 1))) {
    const x = column.get(event.cid)
    const lane = taken.get(x) ?? 0
    taken.set(x, lane + 1)
    places.set(event.cid, { x: MARGIN + x * STEP, y: MARGIN + lane * LANE })
  }
  return places
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
        const middle = (from.x + to.x) / 2
        lines.push(element('path', { d: `M${from.x},${from.y} C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}` }))
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
  const { width, height } = svg.getBoundingClientRect()
  // The latest events stay in sight at their size; what is older leaves on the left.
  const w = Math.max(width, 1)
  const h = Math.max(height, bottom)
  svg.setAttribute('viewBox', `${Math.max(0, right - w)} 0 ${w} ${h}`)
}
