'use strict'
class Event {
  constructor(type, init = {}) { this.type = String(type); this.cancelable = !!init.cancelable; this.defaultPrevented = false; this.target = null }
  preventDefault() { if (this.cancelable) this.defaultPrevented = true }
  stopImmediatePropagation() { this.stopped = true }
  stopPropagation() {}
}
class EventTarget {
  #listeners = new Map()
  addEventListener(type, fn, options) {
    if (!fn) return
    const list = this.#listeners.get(type) || []
    if (list.some((l) => l.fn === fn)) return
    this.#listeners.set(type, [...list, { fn, once: !!(options && options.once) }])
  }
  removeEventListener(type, fn) { this.#listeners.set(type, (this.#listeners.get(type) || []).filter((l) => l.fn !== fn)) }
  dispatchEvent(event) {
    event.target = this
    for (const l of this.#listeners.get(event.type) || []) {
      if (l.once) this.removeEventListener(event.type, l.fn)
      if (typeof l.fn === 'function') l.fn.call(this, event)
      else l.fn.handleEvent(event)
      if (event.stopped) break
    }
    return !event.defaultPrevented
  }
}
class AbortSignal extends EventTarget {
  aborted = false
  reason = undefined
  onabort = null
  throwIfAborted() { if (this.aborted) throw this.reason }
  static abort(reason) { const c = new AbortController(); c.abort(reason); return c.signal }
  static timeout(ms) { const c = new AbortController(); setTimeout(() => c.abort(), ms); return c.signal }
}
class AbortController {
  signal = new AbortSignal()
  abort(reason) {
    const s = this.signal
    if (s.aborted) return
    s.aborted = true
    s.reason = reason !== undefined ? reason : Object.assign(new Error('This operation was aborted'), { name: 'AbortError', code: 20 })
    const event = new Event('abort')
    if (typeof s.onabort === 'function') s.onabort(event)
    s.dispatchEvent(event)
  }
}
module.exports = { Event, EventTarget, AbortSignal, AbortController }
