'use strict'
const { URL: Base, URLSearchParams, domainToASCII, domainToUnicode } = binding.url()
const querystring = require('querystring')

// The host's functions carry names of the host's.
for (const of of [Base, URLSearchParams, Base.prototype, URLSearchParams.prototype, { domainToASCII, domainToUnicode }]) {
  for (const key of Reflect.ownKeys(of)) {
    const d = Object.getOwnPropertyDescriptor(of, key)
    for (const fn of [d.value, d.get, d.set]) {
      if (typeof fn === 'function' && key !== 'constructor') Object.defineProperty(fn, 'name', { value: String(key), configurable: true })
    }
  }
}
for (const [fn, name] of [[Base, 'URL'], [URLSearchParams, 'URLSearchParams']]) Object.defineProperty(fn, 'name', { value: name, configurable: true })

// absolute is what a relative address means at a base.
function absolute(to, base) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(to)) return to
  if (to.startsWith('//')) return base.protocol + to
  const user = base.username === '' ? '' : base.username + (base.password === '' ? '' : ':' + base.password) + '@'
  const site = base.protocol + '//' + user + base.host
  if (to === '') return site + base.pathname + base.search
  if (to[0] === '#') return site + base.pathname + base.search + to
  if (to[0] === '?') return site + base.pathname + to
  const [, path, rest] = /^([^?#]*)(.*)$/s.exec(to)
  return site + clean(path[0] === '/' ? path : base.pathname.slice(0, base.pathname.lastIndexOf('/') + 1) + path) + rest
}

function clean(path) {
  const out = []
  const parts = path.split('/').slice(1)
  parts.forEach((part, i) => {
    const last = i === parts.length - 1
    if (part === '..') out.pop()
    if (part !== '.' && part !== '..') out.push(part)
    else if (last) out.push('')
  })
  return '/' + out.join('/')
}

class URL extends Base {
  constructor(to, base) {
    try {
      super(base === undefined ? String(to) : absolute(String(to), new Base(String(base))))
    } catch (e) {
      throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: String(to) })
    }
  }
  get href() { return this.toString() } // with what searchParams did since
  set href(v) { super.href = v }
  static canParse(to, base) { try { new URL(to, base); return true } catch (_) { return false } }
}

// The old interface. Unlike URL it takes relative addresses.
function Url() {
  for (const key of ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href']) this[key] = null
}
Url.prototype.format = function () { return format(this) }
Url.prototype.resolve = function (to) { return resolve(this.href, to) }

function parse(text, withQuery = false, slashes = false) {
  if (text instanceof Url) return text
  const out = new Url()
  let rest = String(text).trim()
  const take = (pattern) => { const m = pattern.exec(rest); if (m) rest = rest.slice(m[0].length); return m }
  const protocol = take(/^([a-z][a-z0-9.+-]*:)/i)
  if (protocol) out.protocol = protocol[1].toLowerCase()
  if (protocol || slashes || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
    const host = take(/^\/\/([^/?#]*)/)
    if (host) {
      out.slashes = true
      const at = host[1].lastIndexOf('@')
      if (at >= 0) out.auth = decodeURIComponent(host[1].slice(0, at))
      out.host = host[1].slice(at + 1).toLowerCase()
      const port = /:(\d*)$/.exec(out.host)
      out.port = port && port[1] !== '' ? port[1] : null
      out.hostname = (port ? out.host.slice(0, port.index) : out.host).replace(/^\[|\]$/g, '')
    }
  }
  if (out.protocol === 'mailto:') {
    const at = rest.lastIndexOf('@')
    if (at >= 0) { out.auth = rest.slice(0, at); out.host = out.hostname = rest.slice(at + 1); rest = '' }
  }
  const hash = rest.indexOf('#')
  if (hash >= 0) { out.hash = rest.slice(hash); rest = rest.slice(0, hash) }
  const query = rest.indexOf('?')
  if (query >= 0) { out.search = rest.slice(query); rest = rest.slice(0, query) }
  if (out.search !== null) out.query = out.search.slice(1)
  if (withQuery) { out.query = querystring.parse(out.query || ''); out.search = out.search || '' }
  out.pathname = rest || (out.slashes && /^(https?|ftp|wss?|file):$/.test(out.protocol) ? '/' : rest || null)
  if (out.pathname !== null || out.search) out.path = (out.pathname || '') + (out.search || '')
  out.href = format(out)
  return out
}

function format(u) {
  if (typeof u === 'string') u = parse(u)
  if (u instanceof URL) return u.href
  const protocol = u.protocol ? (u.protocol.endsWith(':') ? u.protocol : u.protocol + ':') : ''
  let host = u.host || ''
  if (!host && u.hostname) host = (u.hostname.includes(':') ? `[${u.hostname}]` : u.hostname) + (u.port ? ':' + u.port : '')
  if (host && u.auth) host = encodeURIComponent(u.auth).replace(/%3A/i, ':') + '@' + host
  const slashes = u.slashes || host && /^(https?|ftp|wss?|file):$/.test(protocol)
  let search = u.search || ''
  if (!search && u.query && typeof u.query === 'object') search = querystring.stringify(u.query)
  if (search && search[0] !== '?') search = '?' + search
  let hash = u.hash || ''
  if (hash && hash[0] !== '#') hash = '#' + hash
  let pathname = u.pathname || ''
  if (slashes && pathname && pathname[0] !== '/') pathname = '/' + pathname
  return protocol + (slashes ? '//' : '') + host + pathname.replace(/[?#]/g, encodeURIComponent) + search.replace('#', '%23') + hash
}

function resolve(from, to) {
  const base = new URL(from, 'resolve://')
  const full = new URL(to, base)
  return full.protocol === 'resolve:' ? full.pathname + full.search + full.hash : full.toString()
}

module.exports = {
  URL, URLSearchParams, domainToASCII, domainToUnicode, Url, parse, format, resolve,
  fileURLToPath(u) {
    const url = typeof u === 'string' ? new URL(u) : u
    if (url.protocol !== 'file:') throw Object.assign(new TypeError('The URL must be of scheme file'), { code: 'ERR_INVALID_URL_SCHEME' })
    return decodeURIComponent(url.pathname)
  },
  pathToFileURL: (file) => new URL('file://' + encodeURI(require('path').resolve(file)).replace(/[?#]/g, encodeURIComponent)),
  urlToHttpOptions: (u) => ({ protocol: u.protocol, hostname: u.hostname, path: u.pathname + u.search, href: u.href, port: u.port === '' ? undefined : Number(u.port) }),
}
