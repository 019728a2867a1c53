'use strict'
// util.inspect: the text of any value, as Node writes it as far as authors see it.
const custom = Symbol.for('nodejs.util.inspect.custom')
const { className, promiseState, isProxy } = binding
const defaults = { depth: 2, showHidden: false, breakLength: 80, compact: 3, maxArrayLength: 100, maxStringLength: 10000, sorted: false, customInspect: true, getters: false, colors: false }

function inspect(v, options, depth) {
  const ctx = { ...defaults, seen: [], circular: new Map(), indent: 0, budget: 1 << 17 }
  if (typeof options === 'object' && options !== null) Object.assign(ctx, options)
  else if (options !== undefined) { ctx.showHidden = options; if (depth !== undefined) ctx.depth = depth }
  if (ctx.depth === null) ctx.depth = Infinity
  if (ctx.maxArrayLength === null) ctx.maxArrayLength = Infinity
  if (ctx.maxStringLength === null) ctx.maxStringLength = Infinity
  return any(ctx, v, 0, true)
}
inspect.defaultOptions = defaults
inspect.styles = {}
inspect.colors = {}
exports.inspect = inspect

const escapes = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\b': '\\b', '\f': '\\f', '\v': '\\v', '\\': '\\\\' }
function quote(text) {
  const q = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes('`') && !text.includes('${') ? '`' : "'"
  return q + text.replace(/[\u0000-\u001f\u007f-\u009f\\'"`]/g, (c) => c === q ? '\\' + c : escapes[c] || (c === "'" || c === '"' || c === '`' ? c : '\\x' + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'))) + q
}

function primitive(ctx, v, top) {
  switch (typeof v) {
    case 'string': {
      const more = v.length - ctx.maxStringLength
      const text = more > 0 ? v.slice(0, ctx.maxStringLength) : v
      return quote(text) + (more > 0 ? `... ${more} more character${more > 1 ? 's' : ''}` : '')
    }
    case 'number': return Object.is(v, -0) ? '-0' : String(v)
    case 'bigint': return String(v) + 'n'
    case 'symbol': return v.toString()
    default: return String(v)
  }
}

function constructorName(v) {
  for (let o = v; o !== null; o = Object.getPrototypeOf(o)) {
    const d = Object.getOwnPropertyDescriptor(o, 'constructor')
    if (d && typeof d.value === 'function' && d.value.name !== '') return d.value.name
  }
  return null
}

function any(ctx, v, depth, top) {
  if (typeof v !== 'object' && typeof v !== 'function' || v === null) return primitive(ctx, v, top)
  if (isProxy(v)) return plainProxy(ctx, v, depth)
  const own = ctx.customInspect ? v[custom] : undefined
  if (typeof own === 'function' && own !== inspect) {
    const out = own.call(v, ctx.depth - depth, { ...ctx, depth: ctx.depth - depth }, inspect)
    if (out !== v) return typeof out === 'string' ? out.split('\n').join('\n' + ' '.repeat(ctx.indent)) : any(ctx, out, depth)
  }
  if (ctx.seen.includes(v)) {
    if (!ctx.circular.has(v)) ctx.circular.set(v, ctx.circular.size + 1)
    return `[Circular *${ctx.circular.get(v)}]`
  }
  return object(ctx, v, depth)
}

function plainProxy(ctx, v, depth) {
  let target
  try { target = Array.isArray(v) ? [...v] : { ...v } } catch (_) { return '[Proxy]' }
  return object(ctx, target, depth)
}

function prefixOf(ctx, v, fallback, size) {
  const name = constructorName(v)
  let tag = v[Symbol.toStringTag]
  if (typeof tag !== 'string' || tag === '' || tag === name) tag = ''
  else tag = ` [${tag}]`
  return (name === null ? `[${fallback}${size}: null prototype]` : name + size) + tag + ' '
}

function shape(ctx, v) {
  const cls = className(v)
  if (Array.isArray(v)) {
    const prefix = prefixOf(ctx, v, 'Array', `(${v.length})`)
    return { braces: [(prefix.startsWith('Array(') && prefix.endsWith(') ') ? '' : prefix) + '[', ']'], list: (c, d) => items(c, v, d), index: true }
  }
  if (v instanceof Set) return { braces: [prefixOf(ctx, v, 'Set', `(${v.size})`) + '{', '}'], list: (c, d) => [...v].map((x) => nested(c, x, d)) }
  if (v instanceof Map) return { braces: [prefixOf(ctx, v, 'Map', `(${v.size})`) + '{', '}'], list: (c, d) => [...v].map(([k, x]) => nested(c, k, d) + ' => ' + nested(c, x, d)) }
  if (ArrayBuffer.isView(v) && !(v instanceof DataView)) return { braces: [prefixOf(ctx, v, 'TypedArray', `(${v.length})`) + '[', ']'], list: (c, d) => items(c, v, d), index: true }
  if (typeof v === 'function') return { base: functionBase(v) }
  if (cls === 'Error' || v instanceof Error) return { base: errorBase(v), hidden: ['stack', 'message'] }
  if (cls === 'RegExp') return { base: RegExp.prototype.toString.call(v), hidden: ['lastIndex'] }
  if (cls === 'Date') return { base: Number.isNaN(v.getTime()) ? 'Invalid Date' : v.toISOString() }
  if (cls === 'Number' || cls === 'String' || cls === 'Boolean') return { base: `[${cls}: ${primitive(ctx, v.valueOf())}]`, index: cls === 'String' }
  const promise = promiseState(v)
  if (promise !== undefined) {
    return { braces: [prefixOf(ctx, v, 'Promise', '') + '{', '}'], list: (c, d) => [promise[0] === 0 ? '<pending>' : (promise[0] === 2 ? '<rejected> ' : '') + nested(c, promise[1], d)] }
  }
  if (v instanceof ArrayBuffer) {
    return { braces: [prefixOf(ctx, v, 'ArrayBuffer', '') + '{', '}'], list: () => [`[Uint8Contents]: <${Buffer.from(v).toString('hex', 0, 50).replace(/(..)(?=.)/g, '$1 ')}${v.byteLength > 50 ? ` ... ${v.byteLength - 50} more bytes` : ''}>`, `byteLength: ${v.byteLength}`] }
  }
  if (v instanceof WeakMap || v instanceof WeakSet) return { braces: [prefixOf(ctx, v, 'Weak', '') + '{', '}'], list: () => ['<items unknown>'] }
  const prefix = prefixOf(ctx, v, 'Object', '')
  return { braces: [(prefix === 'Object ' && cls !== 'Arguments' ? '' : cls === 'Arguments' ? '[Arguments] ' : prefix) + (cls === 'Arguments' ? '[' : '{'), cls === 'Arguments' ? ']' : '}'], list: cls === 'Arguments' ? (c, d) => items(c, v, d) : undefined, index: cls === 'Arguments' }
}

function functionBase(v) {
  const text = Function.prototype.toString.call(v)
  if (text.startsWith('class') && text.endsWith('}')) {
    const parent = Object.getPrototypeOf(v)
    return `[class ${v.name || '(anonymous)'}${parent && parent.name ? ` extends ${parent.name}` : ''}]`
  }
  const kind = Object.prototype.toString.call(v).slice(8, -1)
  return `[${/Function$/.test(kind) ? kind : 'Function'}${v.name ? ': ' + v.name : ' (anonymous)'}]`
}

function errorBase(v) {
  const stack = v.stack
  if (typeof stack !== 'string' || stack === '') return `[${Error.prototype.toString.call(v)}]`
  return stack.replace(/\n+$/, '').replace(/\t/g, '    ').replace(/(:\d+:\d+)\(\d+\)/g, '$1')
}

function items(ctx, v, depth) {
  const out = []
  const most = Math.min(v.length, ctx.maxArrayLength)
  let holes = 0
  const flush = () => { if (holes > 0) out.push(`<${holes} empty item${holes > 1 ? 's' : ''}>`); holes = 0 }
  let i = 0
  for (; i < v.length && out.length < most; i++) {
    if (!(i in v)) {
      holes++
      if (holes > 1e5) { holes += v.length - i - 1; i = v.length; break }
      continue
    }
    flush()
    if (out.length < most) out.push(nested(ctx, v[i], depth))
    else break
  }
  flush()
  const more = v.length - i
  if (more > 0) out.push(`... ${more} more item${more > 1 ? 's' : ''}`)
  return out
}

function nested(ctx, v, depth) {
  ctx.indent += 2
  const text = any(ctx, v, depth + 1)
  ctx.indent -= 2
  return text
}

function keysOf(ctx, v, s) {
  let keys = ctx.showHidden ? Object.getOwnPropertyNames(v) : Object.keys(v)
  if (s.index) keys = keys.filter((k) => !/^(0|[1-9][0-9]*)$/.test(k) && k !== 'length')
  if (s.hidden) keys = keys.filter((k) => !s.hidden.includes(k))
  if (typeof v === 'function') keys = keys.filter((k) => !['prototype', 'length', 'name', 'arguments', 'caller'].includes(k) || ctx.showHidden && k === 'length')
  if (ctx.sorted) keys.sort(typeof ctx.sorted === 'function' ? ctx.sorted : undefined)
  return keys.concat(Object.getOwnPropertySymbols(v).filter((k) => ctx.showHidden || Object.getOwnPropertyDescriptor(v, k).enumerable))
}

function property(ctx, v, key, depth) {
  const d = Object.getOwnPropertyDescriptor(v, key) || { value: v[key], enumerable: true }
  let text
  if (d.get) text = d.set ? '[Getter/Setter]' : '[Getter]'
  else if (d.set) text = '[Setter]'
  else text = nested(ctx, d.value, depth)
  let name = typeof key === 'symbol' ? `[${key.toString()}]` : /^[a-zA-Z_$][a-zA-Z_$0-9]*$/.test(key) ? key : quote(key)
  if (!d.enumerable && typeof key !== 'symbol') name = `[${key}]`
  return name + ': ' + text
}

function object(ctx, v, depth) {
  const s = shape(ctx, v)
  const keys = keysOf(ctx, v, s)
  if (s.base !== undefined && keys.length === 0) return s.base.split('\n').join('\n' + ' '.repeat(ctx.indent))
  if (depth > ctx.depth) return s.base !== undefined ? s.base : `[${Array.isArray(v) ? 'Array' : constructorName(v) || 'Object: null prototype'}]`
  const braces = s.braces || ['{', '}']
  if (s.base !== undefined) braces[0] = s.base + ' {'
  ctx.seen.push(v)
  const out = s.list ? s.list(ctx, depth) : []
  for (const key of keys) {
    if (out.length > 1000) { out.push(`... ${keys.length - out.length} more`); break }
    out.push(property(ctx, v, key, depth))
  }
  ctx.seen.pop()
  if (ctx.circular.has(v)) braces[0] = `<ref *${ctx.circular.get(v)}> ${braces[0]}`
  for (const text of out) ctx.budget -= text.length
  if (ctx.budget < 0) ctx.depth = -1 // a text of this size is cut in any case
  if (out.length === 0) return braces[0] + braces[1]
  return fold(ctx, out, braces, s.list !== undefined && s.index, v)
}

// fold puts entries on one line where they fit, and many short ones into columns.
function fold(ctx, out, braces, list, v) {
  const pad = ' '.repeat(ctx.indent)
  let entries = out
  if (ctx.compact >= 1 && list && out.length > 6) entries = columns(ctx, out, v)
  const depthBelow = out === entries && !out.some((t) => t.includes('\n'))
  if (depthBelow && (ctx.compact === true || inner(out) < ctx.compact)) {
    const start = out.length + ctx.indent + braces[0].length + 10
    const total = out.reduce((n, t) => n + t.length, 0) + out.length + start
    if (total <= ctx.breakLength) return `${braces[0]} ${out.join(', ')} ${braces[1]}`
  }
  return `${braces[0]}\n${pad}  ${entries.join(`,\n${pad}  `)}\n${pad}${braces[1]}`
}

// inner is how deep brackets nest in entries.
function inner(out) {
  let most = 0
  for (const text of out) {
    let depth = 0
    for (let i = 0; i < Math.min(text.length, 200); i++) {
      const c = text[i]
      if (c === '{' || c === '[') most = Math.max(most, ++depth)
      else if (c === '}' || c === ']') depth--
    }
  }
  return most
}

function columns(ctx, out, v) {
  const extra = ctx.maxArrayLength < v.length ? 1 : 0
  const body = extra ? out.slice(0, -1) : out
  let total = 0
  let longest = 0
  for (const text of body) {
    total += text.length + 2
    longest = Math.max(longest, text.length)
  }
  const width = longest + 2
  if (width * 3 + ctx.indent >= ctx.breakLength || !(total / width > 5 || longest <= 6)) return out
  const bias = Math.sqrt(width - total / out.length)
  const count = Math.min(Math.round(Math.sqrt(2.5 * Math.max(bias - 3 > 0 ? width - 3 : 1, 1) * body.length) / Math.max(width - 3, 1)) || 1,
    Math.floor((ctx.breakLength - ctx.indent) / width), ctx.compact * 4, 15)
  if (count <= 1) return out
  const widths = []
  for (let c = 0; c < count; c++) {
    let w = 0
    for (let i = c; i < body.length; i += count) w = Math.max(w, body[i].length)
    widths.push(w + 2)
  }
  const number = Array.from(v).every((x) => typeof x === 'number' || typeof x === 'bigint')
  const lines = []
  for (let i = 0; i < body.length; i += count) {
    const end = Math.min(i + count, body.length)
    let line = ''
    for (let j = i; j < end - 1; j++) line += number ? (body[j] + ', ').padStart(widths[j - i]) : (body[j] + ', ').padEnd(widths[j - i])
    line += number ? body[end - 1].padStart(widths[end - 1 - i] - 2) : body[end - 1]
    lines.push(line)
  }
  if (extra) lines.push(out[out.length - 1])
  return lines
}
