// The room for PartyKit 0.0.115.

import { admit, Switch } from './room.js'

export default class Party {
  options = { hibernate: true }

  constructor (room) {
    this.members = new Switch(room)
  }

  static onBeforeConnect (asking, lobby) {
    return admit(asking, lobby.env.LIVESYNC_TOKEN)
  }

  onConnect (member) { this.members.join(member) }

  onMessage (message, member) { this.members.take(member, message) }

  onClose (member) { this.members.leave(member) }

  onError (member) { this.members.dismiss(member, 1011, 'an error of the socket') }
}
