'use strict'
const custom = Symbol.for('nodejs.util.inspect.custom')
const promisified = Symbol.for('nodejs.util.promisify.custom')
const { inspect } = require('inspect')

function format(first, ...args) {
  return formatWithOptions({}, first, ...args)
}

function one(options, kind, v) {
  switch (kind) {
    case 's':
      if (typeof v === 'bigint') return `${v}n`
      if (Object.is(v, -0)) return '-0'
      return typeof v === 'object' && v !== null && !(v instanceof Error) ? inspect(v, { ...options, depth: 0, colors: false }) : String(v)
    case 'd': return typeof v === 'bigint' ? `${v}n` : typeof v === 'symbol' ? 'NaN' : typeof v === 'object' ? String(Number(v)) : String(Number(v))
    case 'i': return typeof v === 'bigint' ? `${v}n` : typeof v === 'symbol' ? 'NaN' : String(parseInt(v))
    case 'f': return typeof v === 'symbol' ? 'NaN' : String(parseFloat(v))
    case 'j': try { return JSON.stringify(v) } catch (e) { if (/circular/i.test(e.message)) return '[Circular]'; throw e }
    case 'o': return inspect(v, { ...options, showHidden: true, depth: 4 })
    case 'O': return inspect(v, options)
    case 'c': return ''
  }
}

function formatWithOptions(options, ...args) {
  if (args.length === 0 || args.length === 1 && args[0] === undefined && arguments.length === 1) return ''
  let out = ''
  let i = 0
  if (typeof args[0] === 'string') {
    i = 1
    out = args.length === 1 ? args[0] : args[0].replace(/%[sdifjoOc%]/g, (m) => {
      if (m === '%%') return '%'
      return i < args.length ? one(options, m[1], args[i++]) : m
    })
  }
  for (; i < args.length; i++) {
    out += (out === '' && i === 0 ? '' : ' ') + (typeof args[i] === 'string' ? args[i] : inspect(args[i], options))
  }
  return out
}

function need(fn, name) {
  if (typeof fn !== 'function') throw Object.assign(new TypeError(`The "${name}" argument must be of type function.`), { code: 'ERR_INVALID_ARG_TYPE' })
}

function promisify(fn) {
  need(fn, 'original')
  if (fn[promisified]) return fn[promisified]
  function wrapped(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(fn, this, [...args, (error, value) => error ? reject(error) : resolve(value)])
    })
  }
  Object.setPrototypeOf(wrapped, Object.getPrototypeOf(fn))
  return Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(fn))
}
promisify.custom = promisified

function callbackify(fn) {
  need(fn, 'original')
  return function (...args) {
    const callback = args.pop()
    need(callback, 'last argument')
    Reflect.apply(fn, this, args).then((v) => process.nextTick(callback, null, v), (e) => process.nextTick(callback, e || new Error('Promise was rejected with falsy value')))
  }
}

function inherits(child, parent) {
  need(child, 'ctor')
  need(parent, 'superCtor')
  Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true })
  Object.setPrototypeOf(child.prototype, parent.prototype)
}

function deprecate(fn, message) {
  let told = false
  return function (...args) {
    if (!told) { told = true; process.emitWarning('DeprecationWarning: ' + message) }
    return new.target ? Reflect.construct(fn, args, new.target) : Reflect.apply(fn, this, args)
  }
}

const className = (v) => binding.className(v)
const types = {
  isPromise: (v) => binding.promiseState(v) !== undefined, isProxy: (v) => binding.isProxy(v),
  isRegExp: (v) => className(v) === 'RegExp', isDate: (v) => className(v) === 'Date', isNativeError: (v) => className(v) === 'Error',
  isMap: (v) => v instanceof Map, isSet: (v) => v instanceof Set, isWeakMap: (v) => v instanceof WeakMap, isWeakSet: (v) => v instanceof WeakSet,
  isArrayBuffer: (v) => v instanceof ArrayBuffer, isAnyArrayBuffer: (v) => v instanceof ArrayBuffer, isSharedArrayBuffer: () => false,
  isArrayBufferView: (v) => ArrayBuffer.isView(v), isTypedArray: (v) => ArrayBuffer.isView(v) && !(v instanceof DataView), isDataView: (v) => v instanceof DataView,
  isUint8Array: (v) => v instanceof Uint8Array, isFloat32Array: (v) => v instanceof Float32Array, isFloat64Array: (v) => v instanceof Float64Array,
  isAsyncFunction: (v) => typeof v === 'function' && Object.prototype.toString.call(v) === '[object AsyncFunction]',
  isGeneratorFunction: (v) => typeof v === 'function' && Object.prototype.toString.call(v) === '[object GeneratorFunction]',
  isGeneratorObject: (v) => Object.prototype.toString.call(v) === '[object Generator]',
  isNumberObject: (v) => typeof v === 'object' && className(v) === 'Number', isStringObject: (v) => typeof v === 'object' && className(v) === 'String',
  isBooleanObject: (v) => typeof v === 'object' && className(v) === 'Boolean', isBoxedPrimitive: (v) => typeof v === 'object' && ['Number', 'String', 'Boolean'].includes(className(v)),
  isArgumentsObject: (v) => className(v) === 'Arguments', isMapIterator: (v) => Object.prototype.toString.call(v) === '[object Map Iterator]',
  isSetIterator: (v) => Object.prototype.toString.call(v) === '[object Set Iterator]', isModuleNamespaceObject: () => false, isExternal: () => false,
}

class TextEncoder {
  get encoding() { return 'utf-8' }
  encode(text = '') { return new Uint8Array(binding.decode(String(text), 'utf8')) }
  encodeInto(text, out) {
    let read = 0
    let written = 0
    for (const c of String(text)) {
      const b = this.encode(c)
      if (written + b.length > out.length) break
      out.set(b, written)
      written += b.length
      read += c.length
    }
    return { read, written }
  }
}

class TextDecoder {
  #decoder
  #name
  constructor(name = 'utf-8', options = {}) {
    const known = { 'utf-8': 'utf8', utf8: 'utf8', 'utf-16le': 'utf16le', 'utf-16': 'utf16le', latin1: 'latin1', ascii: 'latin1', 'iso-8859-1': 'latin1', 'windows-1252': 'latin1' }[String(name).toLowerCase()]
    if (known === undefined) throw Object.assign(new RangeError(`The "${name}" encoding is not supported`), { code: 'ERR_ENCODING_NOT_SUPPORTED' })
    this.#name = known
    this.encoding = { utf8: 'utf-8', utf16le: 'utf-16le', latin1: 'windows-1252' }[known]
    this.fatal = !!(options && options.fatal)
    this.ignoreBOM = !!(options && options.ignoreBOM)
  }
  decode(v, options = {}) {
    const b = v === undefined ? new Uint8Array(0) : v instanceof ArrayBuffer ? new Uint8Array(v) : new Uint8Array(v.buffer, v.byteOffset, v.byteLength)
    const decoder = this.#decoder || new (require('string_decoder').StringDecoder)(this.#name)
    let text = options.stream ? decoder.write(b) : decoder.end(b)
    this.#decoder = options.stream ? decoder : undefined
    if (this.fatal && text.includes('\ufffd')) throw Object.assign(new TypeError('The encoded data was not valid for encoding ' + this.encoding), { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' })
    if (!this.ignoreBOM && text[0] === '\ufeff') text = text.slice(1)
    return text
  }
}

module.exports = {
  inspect, format, formatWithOptions, promisify, callbackify, inherits, deprecate, types, TextEncoder, TextDecoder,
  isDeepStrictEqual: (a, b) => require('equal').deepEqual(a, b, true),
  debuglog: () => Object.assign(() => {}, { enabled: false }),
  stripVTControlCharacters: (text) => text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, ''),
  toUSVString: (text) => binding.encode(new Uint8Array(binding.decode(String(text), 'utf8')), 'utf8'),
  isArray: Array.isArray, isBoolean: (v) => typeof v === 'boolean', isNull: (v) => v === null, isNullOrUndefined: (v) => v === null || v === undefined,
  isNumber: (v) => typeof v === 'number', isString: (v) => typeof v === 'string', isSymbol: (v) => typeof v === 'symbol', isUndefined: (v) => v === undefined,
  isRegExp: types.isRegExp, isObject: (v) => v !== null && typeof v === 'object', isDate: types.isDate, isError: (v) => v instanceof Error,
  isFunction: (v) => typeof v === 'function', isPrimitive: (v) => v === null || typeof v !== 'object' && typeof v !== 'function', isBuffer: (v) => Buffer.isBuffer(v),
  log: (...args) => console.log(...args), _extend: (a, b) => b === null || typeof b !== 'object' ? a : Object.assign(a, b),
  getSystemErrorName: () => undefined,
}
module.exports.debug = module.exports.debuglog
inspect.custom = custom
