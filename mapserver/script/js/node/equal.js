'use strict'
function deepEqual(a, b, strict, seen = new Map()) {
  if (strict ? Object.is(a, b) : a == b || a !== a && b !== b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  if (a instanceof Date && b instanceof Date && a.getTime() !== b.getTime()) return false
  if (a instanceof RegExp && b instanceof RegExp && String(a) !== String(b)) return false
  if (a instanceof Error && b instanceof Error && (a.message !== b.message || a.name !== b.name)) return false
  if (a instanceof Date !== b instanceof Date || a instanceof RegExp !== b instanceof RegExp || a instanceof Error !== b instanceof Error) return false
  if (a instanceof Number || a instanceof String || a instanceof Boolean) { if (!Object.is(a.valueOf(), b.valueOf())) return false }
  if (seen.get(a) === b) return true
  seen.set(a, b)
  if (a instanceof Map || a instanceof Set) return collections(a, b, strict, seen)
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && a.byteLength !== b.byteLength) return false
  const keys = Object.keys(a)
  if (Array.isArray(a) && a.length !== b.length || keys.length !== Object.keys(b).length) return false
  const own = Object.prototype.hasOwnProperty
  return keys.every((key) => own.call(b, key) && deepEqual(a[key], b[key], strict, seen))
}
function collections(a, b, strict, seen) {
  if (a.constructor !== b.constructor || a.size !== b.size) return false
  for (const entry of a) {
    if (a instanceof Set) {
      if (!b.has(entry) && ![...b].some((other) => deepEqual(entry, other, strict, seen))) return false
      continue
    }
    const [key, value] = entry
    if (b.has(key) ? !deepEqual(value, b.get(key), strict, seen) : ![...b].some(([k, v]) => deepEqual(key, k, strict, seen) && deepEqual(value, v, strict, seen))) return false
  }
  return true
}
exports.deepEqual = deepEqual
