'use strict'
const { log } = binding
const counts = new Map()
const timers = new Map()
let indent = ''
let util

function text(args) {
  if (args.length === 1 && typeof args[0] === 'string') return indent + args[0]
  util = util || require('util')
  const out = util.format(...args)
  return indent === '' ? out : indent + out.split('\n').join('\n' + indent)
}

const print = (level) => function (...args) { log(level, text(args)) }

class Console {
  log = print('info')
  info = print('info')
  debug = print('debug')
  warn = print('warn')
  error = print('error')
  trace = (...args) => log('error', text(['Trace: ' + text(args) + '\n' + new Error().stack.split('\n').slice(2).join('\n')]))
  assert = (ok, ...args) => { if (!ok) log('error', 'Assertion failed' + (args.length > 0 ? ': ' + text(args) : '')) }
  dir = (v, options) => log('info', require('util').inspect(v, { customInspect: false, ...options }))
  dirxml = this.log
  table = (v) => this.log(v)
  group = (...args) => { if (args.length > 0) this.log(...args); indent = (indent + '  ').slice(0, 100) }
  groupCollapsed = this.group
  groupEnd = () => { indent = indent.slice(2) }
  count = (name = 'default') => { counts.set(name, (counts.get(name) || 0) + 1); this.log(`${name}: ${counts.get(name)}`) }
  countReset = (name = 'default') => { counts.delete(name) }
  time = (name = 'default') => { timers.set(name, binding.clock()) }
  timeLog = (name = 'default', ...args) => { if (timers.has(name)) this.log(`${name}: ${((binding.clock() - timers.get(name)) / 1e6).toFixed(3)}ms`, ...args) }
  timeEnd = (name = 'default') => { this.timeLog(name); timers.delete(name) }
  timeStamp = () => {}
  clear = () => {}
}
module.exports = new Console()
Object.defineProperty(module.exports, 'Console', { value: Console, writable: true, configurable: true })
