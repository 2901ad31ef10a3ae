// For scripts/socket-app: writes a document, and another when one that was written elsewhere has come.

import { database } from './room.js'

await database.put({ _id: 'a-from-the-app', text: 'written in a Socket app' })
let answered = false
database.subscribe(async () => {
  const { rows } = await database.allDocuments()
  if (answered || !rows.some(({ key }) => key === 'y-live')) return
  answered = true
  await database.put({ _id: 'z-seen-in-the-app', text: navigator.userAgent })
})
