'use strict'
const { startTimer, stopTimer, refreshTimer, immediate } = binding
const byId = new Map()
let lastId = 0

class Timeout {
  #handle
  #ms
  #id
  #ref = true
  constructor(fn, ms, repeat, args) {
    if (typeof fn !== 'function') {
      throw Object.assign(new TypeError(`The "callback" argument must be of type function. Received ${fn === null ? 'null' : typeof fn}`), { code: 'ERR_INVALID_ARG_TYPE' })
    }
    this.#ms = Number(ms)
    this.#handle = startTimer(this, fn, this.#ms, repeat, ...args)
  }
  static stop(t) {
    stopTimer(t.#handle)
    byId.delete(t.#id)
  }
  ref() { this.#ref = true; return this }
  unref() { this.#ref = false; return this }
  hasRef() { return this.#ref }
  refresh() { refreshTimer(this.#handle, this.#ms); return this }
  close() { Timeout.stop(this); return this }
  [Symbol.toPrimitive]() {
    if (this.#id === undefined) byId.set(this.#id = ++lastId, this)
    return this.#id
  }
}

class Immediate {
  cleared = false
  ref() { return this }
  unref() { return this }
  hasRef() { return true }
}

function clear(t) {
  if (t instanceof Timeout) Timeout.stop(t)
  else if (byId.has(Number(t))) Timeout.stop(byId.get(Number(t)))
}

function setImmediate(fn, ...args) {
  if (typeof fn !== 'function') throw new TypeError('The "callback" argument must be of type function')
  const it = new Immediate()
  immediate(it, function () { if (!it.cleared) { it.cleared = true; return fn.apply(it, args) } })
  return it
}

exports.setTimeout = function setTimeout(fn, ms, ...args) { return new Timeout(fn, ms, false, args) }
exports.setInterval = function setInterval(fn, ms, ...args) { return new Timeout(fn, ms, true, args) }
exports.setImmediate = setImmediate
exports.clearTimeout = function clearTimeout(t) { clear(t) }
exports.clearInterval = function clearInterval(t) { clear(t) }
exports.clearImmediate = function clearImmediate(it) { if (it instanceof Immediate) it.cleared = true }

const custom = Symbol.for('nodejs.util.promisify.custom')
exports.setTimeout[custom] = (ms, value) => new Promise((resolve) => exports.setTimeout(resolve, ms, value))
exports.setImmediate[custom] = (value) => new Promise((resolve) => setImmediate(resolve, value))
Object.defineProperty(exports, 'promises', { get: () => require('timers/promises'), enumerable: true })
