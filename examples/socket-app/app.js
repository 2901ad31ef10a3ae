// The page of examples/browser, in an app of the Socket runtime. It connects to the address that somebody pastes, or that is in the app's address.txt.

import { keep } from './room.js'

const form = document.querySelector('#where')

function connect (address) {
  form.hidden = true
  keep(address)
}

form.addEventListener('submit', event => {
  event.preventDefault()
  connect(new FormData(form).get('text').trim())
})

const address = await fetch('address.txt').then(file => (file.ok ? file.text() : ''), () => '')
if (address.trim()) connect(address.trim())
