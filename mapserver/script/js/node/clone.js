'use strict'
function refuse(v) {
  throw Object.assign(new Error(`${String(v)} could not be cloned.`), { name: 'DataCloneError', code: 25 })
}
function clone(v, seen) {
  if (typeof v === 'function' || typeof v === 'symbol') refuse(v)
  if (typeof v !== 'object' || v === null) return v
  if (seen.has(v)) return seen.get(v)
  const keep = (out) => { seen.set(v, out); return out }
  if (v instanceof Date) return keep(new Date(v.getTime()))
  if (v instanceof RegExp) return keep(new RegExp(v.source, v.flags))
  if (v instanceof ArrayBuffer) return keep(v.slice(0))
  if (v instanceof DataView) return keep(new DataView(v.buffer.slice(v.byteOffset, v.byteOffset + v.byteLength)))
  if (ArrayBuffer.isView(v)) return keep(v instanceof Uint8Array ? new Uint8Array(v) : new v.constructor(v))
  if (v instanceof Number || v instanceof String || v instanceof Boolean) return keep(Object(v.valueOf()))
  if (v instanceof Map) {
    const out = keep(new Map())
    for (const [key, item] of v) out.set(clone(key, seen), clone(item, seen))
    return out
  }
  if (v instanceof Set) {
    const out = keep(new Set())
    for (const item of v) out.add(clone(item, seen))
    return out
  }
  if (v instanceof Error) {
    const out = keep(new (({ TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError })[v.name] || Error)(v.message))
    Object.defineProperty(out, 'stack', { value: v.stack, writable: true, configurable: true })
    return out
  }
  if (v instanceof WeakMap || v instanceof WeakSet || v instanceof Promise) refuse('#<' + v.constructor.name + '>')
  const out = keep(Array.isArray(v) ? new Array(v.length) : {})
  for (const key of Object.keys(v)) out[key] = clone(v[key], seen)
  return out
}
module.exports = function structuredClone(v) {
  if (arguments.length === 0) throw new TypeError("The \"value\" argument must be specified")
  return clone(v, new Map())
}
