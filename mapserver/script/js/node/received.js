'use strict'
// The end of Node's messages about arguments of a wrong type.
module.exports = function received(v) {
  if (v === null || v === undefined) return `. Received ${v}`
  if (typeof v === 'function') return `. Received function ${v.name}`
  if (typeof v === 'object') return v.constructor && v.constructor.name ? `. Received an instance of ${v.constructor.name}` : '. Received an object'
  const text = typeof v === 'string' ? `'${v.length > 25 ? v.slice(0, 25) + '...' : v}'` : typeof v === 'bigint' ? `${v}n` : String(v)
  return `. Received type ${typeof v} (${text})`
}
