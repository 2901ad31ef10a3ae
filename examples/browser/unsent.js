const NAME = 'livesync-unsent'

/** Changes that may not have reached the other side. They outlive a reload of this page, but not the page. */
export class Unsent {
  #storage
  #changes
  #underWay = 0

  constructor (storage) {
    this.#storage = storage
    this.#changes = new Map(JSON.parse(storage.getItem(NAME) ?? '[]'))
  }

  /** Makes a change: a document's new value, or null where it is deleted. */
  async change (id, value, make) {
    this.#changes.delete(id)
    this.#changes.set(id, value)
    this.#save()
    this.#underWay++
    try {
      await make()
    } finally {
      this.#underWay--
    }
  }

  /** The other side has all of them, but for what is still being made. */
  clear () {
    if (this.isEmpty() || this.#underWay > 0) return
    this.#changes.clear()
    this.#save()
  }

  isEmpty () {
    return this.#changes.size === 0
  }

  /** Makes those again that a database has not. */
  async repeat (database) {
    for (const [id, value] of [...this.#changes]) {
      const there = await database.get(id).catch(() => null)
      if (value === null) {
        if (there !== null) await database.del(id)
      } else if (there === null || Object.keys(value).some(name => there[name] !== value[name])) {
        await database.put({ ...value, _id: id })
      }
    }
  }

  #save () {
    this.#storage.setItem(NAME, JSON.stringify([...this.#changes]))
  }
}
