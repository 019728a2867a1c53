'use strict'
const { apply } = Reflect
const captureRejection = Symbol.for('nodejs.rejection')

function check(fn) {
  if (typeof fn !== 'function') {
    throw Object.assign(new TypeError(`The "listener" argument must be of type function. Received ${fn === null ? 'null' : typeof fn}`), { code: 'ERR_INVALID_ARG_TYPE' })
  }
}

function EventEmitter(options) { EventEmitter.init.call(this, options) }
module.exports = EventEmitter
EventEmitter.EventEmitter = EventEmitter
EventEmitter.defaultMaxListeners = 10
EventEmitter.errorMonitor = Symbol('events.errorMonitor')
EventEmitter.captureRejectionSymbol = captureRejection
EventEmitter.prototype._events = undefined
EventEmitter.prototype._eventsCount = 0
EventEmitter.prototype._maxListeners = undefined

EventEmitter.init = function () {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = Object.create(null)
    this._eventsCount = 0
  }
  this._maxListeners = this._maxListeners || undefined
}

function add(emitter, type, fn, first) {
  check(fn)
  if (emitter._events === undefined) EventEmitter.init.call(emitter)
  if (emitter._events.newListener !== undefined) emitter.emit('newListener', type, fn.listener || fn)
  const list = emitter._events[type]
  if (list === undefined) {
    emitter._events[type] = [fn]
    emitter._eventsCount++
  } else {
    emitter._events[type] = first ? [fn, ...list] : [...list, fn]
  }
  return emitter
}

function wrapOnce(emitter, type, fn) {
  check(fn)
  let fired = false
  function wrapper(...args) {
    if (fired) return
    fired = true
    emitter.removeListener(type, wrapper)
    return apply(fn, emitter, args)
  }
  wrapper.listener = fn
  return wrapper
}

Object.assign(EventEmitter.prototype, {
  setMaxListeners(n) { this._maxListeners = n; return this },
  getMaxListeners() { return this._maxListeners === undefined ? EventEmitter.defaultMaxListeners : this._maxListeners },
  emit(type, ...args) {
    const events = this._events
    const list = events === undefined ? undefined : events[type]
    if (type === 'error') {
      if (events !== undefined && events[EventEmitter.errorMonitor]) this.emit(EventEmitter.errorMonitor, ...args)
      if (list === undefined) {
        const [error] = args
        if (error instanceof Error) throw error
        throw Object.assign(new Error(`Unhandled error. (${require('util').inspect(error)})`), { code: 'ERR_UNHANDLED_ERROR', context: error })
      }
    }
    if (list === undefined) return false
    for (let i = 0; i < list.length; i++) apply(list[i], this, args)
    return true
  },
  on(type, fn) { return add(this, type, fn, false) },
  addListener(type, fn) { return add(this, type, fn, false) },
  prependListener(type, fn) { return add(this, type, fn, true) },
  once(type, fn) { return this.on(type, wrapOnce(this, type, fn)) },
  prependOnceListener(type, fn) { return this.prependListener(type, wrapOnce(this, type, fn)) },
  removeListener(type, fn) {
    check(fn)
    const list = this._events && this._events[type]
    if (list === undefined) return this
    for (let i = list.length - 1; i >= 0; i--) {
      if (list[i] !== fn && list[i].listener !== fn) continue
      if (list.length === 1) {
        delete this._events[type]
        this._eventsCount--
      } else {
        this._events[type] = [...list.slice(0, i), ...list.slice(i + 1)]
      }
      if (this._events.removeListener !== undefined) this.emit('removeListener', type, fn)
      break
    }
    return this
  },
  removeAllListeners(type) {
    if (this._events === undefined) return this
    if (type === undefined) {
      this._events = Object.create(null)
      this._eventsCount = 0
    } else if (this._events[type] !== undefined) {
      delete this._events[type]
      this._eventsCount--
    }
    return this
  },
  listeners(type) { return this.rawListeners(type).map((fn) => fn.listener || fn) },
  rawListeners(type) { return [...(this._events && this._events[type] || [])] },
  listenerCount(type, fn) {
    const list = this._events && this._events[type] || []
    return fn === undefined ? list.length : list.filter((l) => l === fn || l.listener === fn).length
  },
  eventNames() { return this._events === undefined ? [] : Reflect.ownKeys(this._events) },
})
EventEmitter.prototype.off = EventEmitter.prototype.removeListener
for (const key of Object.keys(EventEmitter.prototype)) {
  Object.defineProperty(EventEmitter.prototype, key, { enumerable: key.startsWith('_') })
}

EventEmitter.listenerCount = (emitter, type) => emitter.listenerCount(type)
EventEmitter.once = (emitter, type) => new Promise((resolve, reject) => {
  const failed = (error) => { emitter.removeListener(type, done); reject(error) }
  const done = (...args) => { emitter.removeListener('error', failed); resolve(args) }
  emitter.once(type, done)
  if (type !== 'error') emitter.once('error', failed)
})
EventEmitter.setMaxListeners = () => {}
EventEmitter.getEventListeners = (emitter, type) => emitter.listeners(type)
