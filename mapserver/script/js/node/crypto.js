'use strict'
const { Buffer } = require('buffer')
const { hash, random, same } = binding

function bytes(v, enc, name = 'data') {
  if (typeof v === 'string') return Buffer.from(v, enc)
  if (v instanceof Uint8Array) return v
  if (ArrayBuffer.isView(v)) return Buffer.from(v.buffer, v.byteOffset, v.byteLength)
  if (v instanceof ArrayBuffer) return Buffer.from(v)
  throw Object.assign(new TypeError(`The "${name}" argument must be of type string or an instance of Buffer, TypedArray, or DataView.`), { code: 'ERR_INVALID_ARG_TYPE' })
}

class Hash {
  #hash
  #done = false
  constructor(name, key) {
    this.#hash = hash(String(name), key)
    if (this.#hash === undefined) throw Object.assign(new Error(key ? `Invalid digest: ${name}` : 'Digest method not supported'), { code: 'ERR_CRYPTO_INVALID_DIGEST' })
  }
  update(data, enc) {
    if (this.#done) throw Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' })
    this.#hash.update(bytes(data, enc))
    return this
  }
  digest(enc) {
    if (this.#done) throw Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' })
    this.#done = true
    const out = Buffer.from(this.#hash.digest())
    return enc === undefined || enc === 'buffer' ? out : out.toString(enc)
  }
}
class Hmac extends Hash {}

function later(make, callback) {
  if (typeof callback !== 'function') return make()
  let value
  try { value = make() } catch (e) { process.nextTick(callback, e); return }
  process.nextTick(callback, null, value)
}

function randomBytes(size, callback) {
  if (typeof size !== 'number') throw Object.assign(new TypeError('The "size" argument must be of type number.'), { code: 'ERR_INVALID_ARG_TYPE' })
  if (!(size >= 0 && size <= 0x7fffffff)) throw Object.assign(new RangeError('The value of "size" is out of range.'), { code: 'ERR_OUT_OF_RANGE' })
  return later(() => Buffer.from(random(size)), callback)
}

function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') { callback = max; max = min; min = 0 }
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) throw Object.assign(new TypeError('The "min" and "max" arguments must be safe integers.'), { code: 'ERR_INVALID_ARG_TYPE' })
  const range = max - min
  if (!(range > 0 && range < 2 ** 48)) throw Object.assign(new RangeError('The value of "max" is out of range.'), { code: 'ERR_OUT_OF_RANGE' })
  return later(() => {
    const limit = 2 ** 48 - 2 ** 48 % range
    for (;;) {
      const v = Buffer.from(random(6)).readUIntBE(0, 6)
      if (v < limit) return min + v % range
    }
  }, callback)
}

function randomFillSync(b, at = 0, size = b.byteLength - at) {
  const view = b instanceof ArrayBuffer ? new Uint8Array(b) : new Uint8Array(b.buffer, b.byteOffset, b.byteLength)
  view.set(new Uint8Array(random(size)), at)
  return b
}

function randomUUID() {
  const b = Buffer.from(random(16))
  b[6] = b[6] & 0x0f | 0x40
  b[8] = b[8] & 0x3f | 0x80
  const h = b.toString('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`
}

module.exports = {
  Hash, Hmac,
  createHash: (name) => new Hash(name),
  createHmac: (name, key) => new Hmac(name, bytes(key, undefined, 'key')),
  hash: (name, data, enc = 'hex') => new Hash(name).update(data).digest(enc),
  getHashes: () => ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
  randomBytes, pseudoRandomBytes: randomBytes, randomInt, randomUUID, randomFillSync,
  randomFill(b, ...rest) { const callback = rest.pop(); later(() => randomFillSync(b, ...rest), callback) },
  timingSafeEqual(a, b) {
    a = bytes(a)
    b = bytes(b)
    if (a.length !== b.length) throw Object.assign(new RangeError('Input buffers must have the same byte length'), { code: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH' })
    return same(a, b)
  },
  getRandomValues: (b) => randomFillSync(b),
  webcrypto: { getRandomValues: (b) => randomFillSync(b), randomUUID },
  constants: {},
}
for (const name of ['createCipheriv', 'createDecipheriv', 'createSign', 'createVerify', 'generateKeyPair', 'pbkdf2', 'pbkdf2Sync', 'scrypt', 'scryptSync']) {
  module.exports[name] = () => { throw Object.assign(new Error(`crypto.${name} is not available in maps`), { code: 'ERR_FEATURE_UNAVAILABLE' }) }
}
