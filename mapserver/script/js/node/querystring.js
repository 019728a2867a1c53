'use strict'
function escape(v) {
  return encodeURIComponent(typeof v === 'string' ? v : typeof v === 'number' && isFinite(v) || typeof v === 'bigint' || typeof v === 'boolean' ? String(v) : '')
}
function unescape(text) {
  try { return decodeURIComponent(text) } catch (_) { return text }
}
function stringify(object, sep = '&', eq = '=') {
  if (object === null || typeof object !== 'object') return ''
  return Object.keys(object).map((key) => [].concat(object[key]).map((v) => escape(key) + eq + escape(v)).join(sep)).filter(Boolean).join(sep)
}
function parse(text, sep = '&', eq = '=', options = {}) {
  const out = Object.create(null)
  if (typeof text !== 'string' || text === '') return out
  const most = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000
  const parts = text.split(sep)
  for (const part of most > 0 ? parts.slice(0, most) : parts) {
    if (part === '') continue
    const at = part.indexOf(eq)
    const read = (s) => unescape(s.replace(/\+/g, ' '))
    const key = read(at < 0 ? part : part.slice(0, at))
    const value = at < 0 ? '' : read(part.slice(at + eq.length))
    if (!(key in out)) out[key] = value
    else out[key] = [].concat(out[key], value)
  }
  return out
}
module.exports = { escape, unescape, stringify, parse, encode: stringify, decode: parse }
