'use strict'
const EventEmitter = require('events')
const { root, clock, tick, log } = binding

class Process extends EventEmitter {}
Object.defineProperty(Process, 'name', { value: 'process' })
const process = new Process()
module.exports = process

let exiting = false
let part = { stdout: '', stderr: '' }
const exit = binding.exit

function hrtime(before) {
  let ns = clock()
  let seconds = Math.floor(ns / 1e9)
  let rest = ns % 1e9
  if (before !== undefined) {
    seconds -= before[0]
    rest -= before[1]
    if (rest < 0) { seconds--; rest += 1e9 }
  }
  return [seconds, rest]
}
hrtime.bigint = () => BigInt(clock())

function stream(name, level) {
  return {
    isTTY: false, writable: true, columns: 80,
    write(text, encoding, done) {
      const lines = (part[name] + String(text)).split('\n')
      part[name] = lines.pop().slice(-4096)
      for (const line of lines) log(level, line)
      const callback = typeof encoding === 'function' ? encoding : done
      if (typeof callback === 'function') process.nextTick(callback)
      return true
    },
    end() {}, on() { return this }, once() { return this }, emit() { return false }, removeListener() { return this },
  }
}

function fixed(what) {
  return () => { throw Object.assign(new Error(`process.${what} is not available in maps`), { code: 'ERR_FEATURE_UNAVAILABLE' }) }
}

Object.assign(process, {
  title: 'node', version: 'v20.0.0', pid: 1, ppid: 0, platform: 'linux', arch: 'x64', exitCode: undefined,
  versions: { node: '20.0.0', v8: '0.0.0' }, release: { name: 'node' }, features: {}, config: { variables: {} },
  argv: ['/usr/local/bin/node', root + '/index.js', ...binding.argv], argv0: 'node', execArgv: [], execPath: '/usr/local/bin/node',
  env: binding.env, hrtime,
  nextTick(fn, ...args) {
    if (typeof fn !== 'function') throw new TypeError('The "callback" argument must be of type function')
    tick(fn, ...args)
  },
  exit(code) {
    if (code !== undefined) process.exitCode = code
    if (!exiting) {
      exiting = true
      try { process.emit('exit', Number(process.exitCode) || 0) } finally { exit(Number(process.exitCode) || 0) }
    }
    exit(Number(process.exitCode) || 0)
  },
  abort() { exit(134) },
  reallyExit(code) { exit(code) },
  kill(pid) { if (pid === 1 || pid === 0) exit(143); return true },
  cwd: () => root, chdir: fixed('chdir'), umask: () => 18, binding: fixed('binding'), dlopen: fixed('dlopen'),
  _linkedBinding: fixed('_linkedBinding'), getBuiltinModule: fixed('getBuiltinModule'), getuid: () => 1000, getgid: () => 1000,
  uptime: () => clock() / 1e9,
  cpuUsage(before) {
    const user = binding.cpu()
    return { user: user - (before ? before.user : 0), system: 0 }
  },
  memoryUsage: Object.assign(() => {
    const used = binding.memory()
    return { rss: used, heapTotal: used, heapUsed: used, external: 0, arrayBuffers: 0 }
  }, { rss: () => binding.memory() }),
  resourceUsage: () => ({ userCPUTime: binding.cpu(), systemCPUTime: 0, maxRSS: Math.round(binding.memory() / 1024) }),
  emitWarning(warning) { log('warn', String(warning && warning.message || warning)) },
  stdout: stream('stdout', 'info'), stderr: stream('stderr', 'error'),
  stdin: { isTTY: false, on() { return this }, once() { return this }, setEncoding() {}, resume() {}, pause() {} },
  setUncaughtExceptionCaptureCallback() {}, allowedNodeEnvironmentFlags: new Set(),
})
process[Symbol.toStringTag] = 'process'
