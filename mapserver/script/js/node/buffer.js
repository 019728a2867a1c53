'use strict'
const { encode, decode, encoding: normalise, alloc, compare, find, fill: fillBytes, copy: copyBytes } = binding

class FastBuffer extends Uint8Array {}

function invalid(name, want, got) {
  const what = got === null || got === undefined ? String(got) : typeof got === 'object' ? `an instance of ${got.constructor && got.constructor.name || 'Object'}` : `type ${typeof got} (${String(got)})`
  return Object.assign(new TypeError(`The "${name}" argument must be ${want}. Received ${what}`), { code: 'ERR_INVALID_ARG_TYPE' })
}

function outOfRange(name, range, got) {
  return Object.assign(new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${got}`), { code: 'ERR_OUT_OF_RANGE' })
}

function encodingOf(name) {
  if (name === undefined || name === null || name === '') return 'utf8'
  const known = normalise(String(name))
  if (known === undefined) throw Object.assign(new TypeError('Unknown encoding: ' + name), { code: 'ERR_UNKNOWN_ENCODING' })
  return known
}

function sized(n) {
  if (typeof n !== 'number') throw invalid('size', 'of type number', n)
  if (!(n >= 0 && n <= 0x7fffffff)) throw outOfRange('size', '>= 0 && <= 2147483647', n)
  return new FastBuffer(alloc(n))
}

function isBytes(v) { return v instanceof Uint8Array }

function view(v) {
  return isBytes(v) ? v : ArrayBuffer.isView(v) ? new FastBuffer(v.buffer, v.byteOffset, v.byteLength) : undefined
}

function Buffer(arg, enc, length) {
  if (typeof arg === 'number') {
    if (typeof enc === 'string') throw invalid('string', 'of type string', arg)
    return sized(arg)
  }
  return Buffer.from(arg, enc, length)
}
Object.setPrototypeOf(Buffer, Uint8Array)
Buffer.prototype = FastBuffer.prototype
Object.defineProperty(Buffer.prototype, 'constructor', { value: Buffer, writable: true, configurable: true })
Object.defineProperty(Buffer, Symbol.species, { get: () => FastBuffer, configurable: true })

function fromArrayLike(list) {
  const out = sized(Math.max(0, Math.floor(Number(list.length)) || 0))
  for (let i = 0; i < out.length; i++) out[i] = list[i]
  return out
}

// from is a plain function because scripts call it with new.
Buffer.from = function from(v, enc, length) {
  if (typeof v === 'string') return new FastBuffer(decode(v, encodingOf(enc)))
  if (typeof v === 'object' && v !== null) {
    if (v instanceof ArrayBuffer) return new FastBuffer(v, enc, length)
    if (ArrayBuffer.isView(v) || Array.isArray(v)) return fromArrayLike(v)
    const plain = v.valueOf && v.valueOf()
    if (plain !== null && plain !== undefined && plain !== v) return Buffer.from(plain, enc, length)
    if (v.type === 'Buffer' && Array.isArray(v.data)) return fromArrayLike(v.data)
    if (v.length !== undefined) return typeof v.length === 'number' ? fromArrayLike(v) : sized(0)
    if (typeof v[Symbol.toPrimitive] === 'function') return Buffer.from(v[Symbol.toPrimitive]('string'), enc, length)
  }
  throw invalid('first', 'of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object', v)
}
Buffer.alloc = function (size, value, enc) {
  const out = sized(size)
  return value === undefined || value === 0 || size === 0 ? out : out.fill(value, enc)
}
Buffer.allocUnsafe = function (size) { return sized(size) }
Buffer.allocUnsafeSlow = Buffer.allocUnsafe
Buffer.isBuffer = function (v) { return v instanceof Buffer }
Buffer.isEncoding = function (name) { return typeof name === 'string' && name !== '' && normalise(name) !== undefined }
Buffer.byteLength = function (v, enc) {
  if (typeof v === 'string') return decode(v, normalise(String(enc || 'utf8')) || 'utf8').byteLength
  if (ArrayBuffer.isView(v) || v instanceof ArrayBuffer) return v.byteLength
  throw invalid('string', 'of type string or an instance of Buffer or ArrayBuffer', v)
}
Buffer.concat = function (list, length) {
  if (!Array.isArray(list)) throw invalid('list', 'an instance of Array', list)
  if (length === undefined) length = list.reduce((n, b) => n + b.length, 0)
  const out = sized(length)
  let at = 0
  for (const b of list) {
    if (!isBytes(b)) throw invalid(`list[${list.indexOf(b)}]`, 'an instance of Buffer or Uint8Array', b)
    at += copyBytes(b, out, at)
  }
  return out
}
Buffer.compare = function (a, b) {
  if (!isBytes(a)) throw invalid('buf1', 'an instance of Buffer or Uint8Array', a)
  if (!isBytes(b)) throw invalid('buf2', 'an instance of Buffer or Uint8Array', b)
  return compare(a, b)
}
Buffer.poolSize = 8192

const methods = {
  toString(enc, start, end) {
    return this.length === 0 ? '' : encode(this, encodingOf(enc), start, end)
  },
  toJSON() { return { type: 'Buffer', data: Array.from(this) } },
  equals(b) {
    if (!isBytes(b)) throw invalid('otherBuffer', 'an instance of Buffer or Uint8Array', b)
    return compare(this, b) === 0
  },
  compare(b, start = 0, end = b.length, from = 0, to = this.length) {
    if (!isBytes(b)) throw invalid('target', 'an instance of Buffer or Uint8Array', b)
    return compare(this.subarray(from, to), b.subarray(start, end))
  },
  copy(to, at, start, end) {
    if (!isBytes(to)) throw invalid('target', 'an instance of Buffer or Uint8Array', to)
    return copyBytes(this, to, at, start, end)
  },
  slice(start, end) { return this.subarray(start, end) },
  fill(v, start, end, enc) {
    if (typeof start === 'string') { enc = start; start = undefined } else if (typeof end === 'string') { enc = end; end = undefined }
    let what = typeof v === 'string' ? new Uint8Array(decode(v, encodingOf(enc))) : view(v)
    if (what === undefined) what = new Uint8Array([Number(v) & 255])
    if (what.length === 0) what = new Uint8Array(1)
    fillBytes(this, what, start, end)
    return this
  },
  write(text, at, length, enc) {
    if (typeof text !== 'string') throw invalid('argument', 'of type string', text)
    if (typeof at === 'string') { enc = at; at = 0; length = undefined } else if (typeof length === 'string') { enc = length; length = undefined }
    at = at === undefined ? 0 : at
    if (!(at >= 0 && at <= this.length)) throw outOfRange('offset', `>= 0 && <= ${this.length}`, at)
    const room = Math.min(length === undefined ? Infinity : length, this.length - at)
    const known = encodingOf(enc)
    const b = new Uint8Array(decode(text, known))
    let n = Math.min(b.length, room)
    while (known === 'utf8' && n > 0 && n < b.length && (b[n] & 0xc0) === 0x80) n--
    return copyBytes(b, this, at, 0, n)
  },
  indexOf(v, at, enc) { return search(this, v, at, enc, false) },
  lastIndexOf(v, at, enc) { return search(this, v, at, enc, true) },
  includes(v, at, enc) { return this.indexOf(v, at, enc) !== -1 },
  swap16() { return swap(this, 2) },
  swap32() { return swap(this, 4) },
  swap64() { return swap(this, 8) },
  hexSlice(a, b) { return encode(this, 'hex', a, b) },
  utf8Slice(a, b) { return encode(this, 'utf8', a, b) },
  latin1Slice(a, b) { return encode(this, 'latin1', a, b) },
  base64Slice(a, b) { return encode(this, 'base64', a, b) },
  toLocaleString(enc, start, end) { return this.toString(enc, start, end) },
}

function search(b, v, at, enc, last) {
  if (typeof at === 'string') { enc = at; at = undefined }
  at = Number(at)
  if (Number.isNaN(at)) at = last ? b.length : 0
  if (at < 0) at += b.length
  if (at < 0) { if (last) return -1; at = 0 }
  const what = typeof v === 'string' ? new Uint8Array(decode(v, encodingOf(enc))) : typeof v === 'number' ? new Uint8Array([v & 255]) : view(v)
  if (what === undefined) throw invalid('value', 'one of type number or string or an instance of Buffer or Uint8Array', v)
  return find(b, what, Math.min(at, b.length), last)
}

function swap(b, n) {
  if (b.length % n !== 0) throw Object.assign(new RangeError(`Buffer size must be a multiple of ${n * 8}-bits`), { code: 'ERR_INVALID_BUFFER_SIZE' })
  for (let i = 0; i < b.length; i += n) b.subarray(i, i + n).reverse()
  return b
}

// The numbers within: readInt32LE and so on, by DataView.
function bounds(b, at, size) {
  if (typeof at !== 'number') throw invalid('offset', 'of type number', at)
  if (!Number.isInteger(at)) throw outOfRange('offset', 'an integer', at)
  if (at < 0 || at + size > b.length) {
    if (b.length < size) throw Object.assign(new RangeError('Attempt to access memory outside buffer bounds'), { code: 'ERR_BUFFER_OUT_OF_BOUNDS' })
    throw outOfRange('offset', `>= 0 and <= ${b.length - size}`, at)
  }
}

function viewOf(b) { return new DataView(b.buffer, b.byteOffset, b.byteLength) }

function numbers(name, type, size, low, high) {
  for (const order of size === 1 ? [''] : ['LE', 'BE']) {
    const little = order === 'LE'
    const read = function (at = 0) {
      bounds(this, at, size)
      return viewOf(this)['get' + type](at, little)
    }
    const write = function (v, at = 0) {
      if (low !== undefined) {
        if (typeof low === 'number') v = +v
        if (v < low || v > high) throw outOfRange('value', `>= ${low} and <= ${high}`, v)
      }
      bounds(this, at, size)
      viewOf(this)['set' + type](at, v, little)
      return at + size
    }
    methods['read' + name + order] = read
    methods['write' + name + order] = write
    if (name.includes('UInt')) {
      methods['read' + name.replace('UInt', 'Uint') + order] = read
      methods['write' + name.replace('UInt', 'Uint') + order] = write
    }
  }
}
numbers('UInt8', 'Uint8', 1, 0, 255)
numbers('Int8', 'Int8', 1, -128, 127)
numbers('UInt16', 'Uint16', 2, 0, 65535)
numbers('Int16', 'Int16', 2, -32768, 32767)
numbers('UInt32', 'Uint32', 4, 0, 4294967295)
numbers('Int32', 'Int32', 4, -2147483648, 2147483647)
numbers('Float', 'Float32', 4)
numbers('Double', 'Float64', 8)
numbers('BigUInt64', 'BigUint64', 8, 0n, 18446744073709551615n)
numbers('BigInt64', 'BigInt64', 8, -9223372036854775808n, 9223372036854775807n)

function wide(order, signed) {
  const name = (signed ? 'Int' : 'UInt') + order
  const byte = (i, n) => order === 'LE' ? i : n - 1 - i
  const read = function (at, n) {
    if (!(n >= 1 && n <= 6)) throw outOfRange('byteLength', '>= 1 and <= 6', n)
    bounds(this, at, n)
    let v = 0
    for (let i = n - 1; i >= 0; i--) v = v * 256 + this[at + byte(i, n)]
    const half = 2 ** (8 * n - 1)
    return signed && v >= half ? v - 2 * half : v
  }
  const write = function (v, at, n) {
    if (!(n >= 1 && n <= 6)) throw outOfRange('byteLength', '>= 1 and <= 6', n)
    bounds(this, at, n)
    v = +v
    const full = 2 ** (8 * n)
    if (signed ? v < -full / 2 || v >= full / 2 : v < 0 || v >= full) throw outOfRange('value', `within ${n} bytes`, v)
    if (v < 0) v += full
    for (let i = 0; i < n; i++) { this[at + byte(i, n)] = v % 256; v = Math.floor(v / 256) }
    return at + n
  }
  methods['read' + name] = read
  methods['write' + name] = write
  if (!signed) { methods['readUint' + order] = read; methods['writeUint' + order] = write }
}
wide('LE', false)
wide('BE', false)
wide('LE', true)
wide('BE', true)

for (const key of Object.keys(methods)) {
  Object.defineProperty(Buffer.prototype, key, { value: methods[key], writable: true, configurable: true, enumerable: false })
}
Object.defineProperty(Buffer.prototype, 'parent', { get() { return this.buffer }, configurable: true })
Object.defineProperty(Buffer.prototype, 'offset', { get() { return this.byteOffset }, configurable: true })
Object.defineProperty(Buffer.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value() {
    const most = 50
    const hex = encode(this, 'hex', 0, most).replace(/(..)(?=.)/g, '$1 ')
    return `<Buffer${hex ? ' ' + hex : ''}${this.length > most ? ` ... ${this.length - most} more byte${this.length - most > 1 ? 's' : ''}` : ''}>`
  },
  writable: true, configurable: true,
})

exports.Buffer = Buffer
exports.SlowBuffer = Buffer.allocUnsafe
exports.kMaxLength = 0x7fffffff
exports.constants = { MAX_LENGTH: 0x7fffffff, MAX_STRING_LENGTH: 0x1fffffe8 }
exports.INSPECT_MAX_BYTES = 50
exports.transcode = (b, from, to) => Buffer.from(b.toString(from), to)
exports.isUtf8 = (b) => Buffer.from(encode(b, 'utf8')).equals(b)
exports.isAscii = (b) => b.every((c) => c < 128)
exports.atob = (text) => encode(new Uint8Array(decode(String(text), 'base64')), 'latin1')
exports.btoa = (text) => {
  for (let i = 0; i < String(text).length; i++) {
    if (String(text).charCodeAt(i) > 255) throw Object.assign(new Error('Invalid character'), { name: 'InvalidCharacterError', code: 5 })
  }
  return encode(new Uint8Array(decode(String(text), 'latin1')), 'base64')
}
exports.ofArrayBuffer = (b) => new FastBuffer(b)
