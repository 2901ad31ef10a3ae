// The room for workerd, on Cloudflare or on one's own machine.

import { Server, routePartykitRequest } from 'partyserver'
import { admit, Switch } from './room.js'

export class Livesync extends Server {
  static options = { hibernate: true }
  members = new Switch(this)

  onConnect (member) { this.members.join(member) }

  onMessage (member, message) { this.members.take(member, message) }

  onClose (member) { this.members.leave(member) }

  onError (member) { this.members.dismiss(member, 1011, 'an error of the socket') }
}

export default {
  async fetch (request, env) {
    const response = await routePartykitRequest(request, env, { onBeforeConnect: asking => admit(asking, env.LIVESYNC_TOKEN) })
    return response ?? new Response('there is no such party', { status: 404 })
  }
}
