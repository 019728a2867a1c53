'use strict'
// Makes the globals of Node.js. What costs is made when it is first used.
const apply = Reflect.apply
const promiseThen = Promise.prototype.then
const resolved = Promise.resolve()

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}

function lazy(name, make) {
  Object.defineProperty(globalThis, name, {
    get() { const value = make(); define(name, value); return value },
    set(value) { define(name, value) },
    configurable: true, enumerable: false,
  })
}

define('global', globalThis)
const process = require('process')
define('process', process)
const timers = require('timers')
for (const name of ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate']) {
  define(name, timers[name])
}
define('queueMicrotask', function queueMicrotask(fn) {
  if (typeof fn !== 'function') throw new TypeError('The "callback" argument must be of type function')
  // An error of fn's is an uncaught exception and no rejection.
  apply(promiseThen, resolved, [() => { try { fn() } catch (e) { process.nextTick(() => { throw e }) } }])
})
define('Buffer', require('buffer').Buffer)
define('console', require('console'))
for (const name of ['URL', 'URLSearchParams']) lazy(name, () => require('url')[name])
for (const name of ['TextEncoder', 'TextDecoder']) lazy(name, () => require('util')[name])
for (const name of ['atob', 'btoa']) lazy(name, () => require('buffer')[name])
lazy('structuredClone', () => require('clone'))
lazy('performance', () => require('perf_hooks').performance)
lazy('crypto', () => require('crypto').webcrypto)
for (const name of ['Event', 'EventTarget', 'AbortController', 'AbortSignal']) lazy(name, () => require('eventtarget')[name])

const drain = binding.drain
const emit = process.emit
exports.run = function run(fn) {
  const value = fn()
  drain()
  return value
}
exports.noop = function () {}
exports.emit = (event, ...args) => {
  if (process.listenerCount(event) === 0) return false
  apply(emit, process, [event, ...args])
  return true
}
exports.buffer = require('buffer').ofArrayBuffer
