'use strict'
const { URL, URLSearchParams, domainToASCII, domainToUnicode } = binding.url()
const querystring = require('querystring')

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
