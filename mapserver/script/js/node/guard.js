// Puts a counted function in the place of each built-in one that can be reached, and
// keeps what builds things by their arguments within limits. wrap(fn, path) returns
// what takes fn's place, construct(fn, path) the same for constructors; evaluate(kind,
// params, body) compiles text.
const { ownKeys, getOwnPropertyDescriptor, defineProperty, getPrototypeOf, setPrototypeOf, apply } = Reflect
const TypedArray = getPrototypeOf(Uint8Array)
const generator = getPrototypeOf(function* () {})
const asynchronous = getPrototypeOf(async function () {})
const iterators = [[][Symbol.iterator](), new Map().entries(), new Set().values(), ''[Symbol.iterator](), /a/[Symbol.matchAll]('')]
const places = new Map()
const visited = new Set()

function name(path, key) {
  return path === '' ? String(key) : path + '.' + String(key)
}

function place(fn, path) {
  if (!places.has(fn)) {
    const own = getOwnPropertyDescriptor(fn, 'prototype') !== undefined
    const made = own || fn === Proxy ? construct(fn, path) : wrap(fn, path)
    places.set(fn, made)
    if (made !== fn) adopt(fn, made)
    visit(fn, path)
  }
  return places.get(fn)
}

// adopt gives a function what belongs to the one that it stands for.
function adopt(from, to) {
  for (const key of ownKeys(from)) {
    const d = getOwnPropertyDescriptor(from, key)
    if (typeof d.value === 'function') d.value = place(d.value, name(from.name, key))
    if (d.get) d.get = place(d.get, name(from.name, key))
    defineProperty(to, key, d)
  }
  setPrototypeOf(to, getPrototypeOf(from))
}

function visit(object, path) {
  if (visited.has(object)) return
  visited.add(object)
  for (const key of ownKeys(object)) {
    const d = getOwnPropertyDescriptor(object, key)
    const at = name(path, key)
    if ('value' in d) {
      if (typeof d.value === 'object' && d.value !== null) visit(d.value, at)
      if (typeof d.value !== 'function') continue
      d.value = place(d.value, at)
    } else {
      if (d.get) d.get = place(d.get, at)
      if (d.set) d.set = place(d.set, at)
    }
    if (d.configurable || d.writable) defineProperty(object, key, d)
  }
}

function hide(object, key, value) {
  defineProperty(object, key, { value, writable: true, configurable: true, enumerable: false })
}

// Text becomes code by the compiler that all files go through.
function compiler(original, kind) {
  const make = function (...args) {
    const body = args.length > 0 ? String(args.pop()) : ''
    return evaluate(kind, args.map(String), body)
  }
  hide(make, 'name', original.name)
  defineProperty(make, 'prototype', { value: original.prototype })
  hide(original.prototype, 'constructor', make)
  places.set(original, make)
  return make
}

// What would loop inside of one built-in function, written as a script.
function flatten(out, list, depth) {
  for (let i = 0; i < list.length; i++) {
    if (!(i in list)) continue
    const item = list[i]
    if (depth > 0 && Array.isArray(item)) flatten(out, item, depth - 1)
    else out[out.length] = item
  }
  return out
}
hide(Array.prototype, 'flat', function flat(depth = 1) {
  return flatten([], this, Number(depth) || 0)
})
hide(Array.prototype, 'flatMap', function flatMap(fn, self) {
  return flatten([], Array.prototype.map.call(this, fn, self), 1)
})
hide(String, 'raw', function raw(strings, ...values) {
  let out = ''
  const n = Math.min(strings.raw.length, 10000)
  for (let i = 0; i < n; i++) {
    out += String(strings.raw[i])
    if (i + 1 < n && i < values.length) out += String(values[i])
  }
  return out
})
hide(globalThis, 'eval', function (text) {
  if (typeof text !== 'string') return text
  throw new EvalError('eval is not available: use functions and require')
})

hide(globalThis, 'Function', compiler(Function, 'function'))
compiler(asynchronous.constructor, 'async function')
compiler(generator.constructor, 'function*')
places.set(Function.prototype, Function.prototype) // a function, but nobody's to call
visit(Function.prototype, 'Function.prototype')
visit(globalThis, '')
visit(TypedArray, 'TypedArray')
visit(TypedArray.prototype, 'TypedArray.prototype')
visit(generator, 'GeneratorFunction')
for (const it of iterators) {
  const proto = getPrototypeOf(it)
  visit(proto, 'Iterator')
  visit(getPrototypeOf(proto), 'Iterator')
}
for (const [from, to] of places) {
  if (from !== to && typeof from.prototype === 'object' && from.prototype !== null && from.prototype.constructor === from) {
    hide(from.prototype, 'constructor', to)
  }
  const parent = getPrototypeOf(to)
  if (from !== to && places.has(parent) && places.get(parent) !== parent) setPrototypeOf(to, places.get(parent))
}
