'use strict'
function check(text, name) {
  if (typeof text !== 'string') {
    throw Object.assign(new TypeError(`The "${name}" argument must be of type string. Received ${text === null ? 'null' : typeof text}`), { code: 'ERR_INVALID_ARG_TYPE' })
  }
}

function clean(text, absolute) {
  const out = []
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') out.push(part)
    else if (out.length > 0 && out[out.length - 1] !== '..') out.pop()
    else if (!absolute) out.push('..')
  }
  return out.join('/')
}

const path = {
  sep: '/', delimiter: ':',
  normalize(text) {
    check(text, 'path')
    if (text === '') return '.'
    const absolute = text[0] === '/'
    let out = clean(text, absolute)
    if (out === '' && !absolute) out = '.'
    if (out !== '' && text.endsWith('/')) out += '/'
    return absolute ? '/' + out : out
  },
  isAbsolute(text) { check(text, 'path'); return text[0] === '/' },
  join(...parts) {
    parts.forEach((p) => check(p, 'path'))
    const text = parts.filter((p) => p !== '').join('/')
    return text === '' ? '.' : path.normalize(text)
  },
  resolve(...parts) {
    let text = ''
    for (let i = parts.length - 1; i >= 0 && text[0] !== '/'; i--) {
      check(parts[i], `paths[${i}]`)
      if (parts[i] !== '') text = text === '' ? parts[i] : parts[i] + '/' + text
    }
    if (text[0] !== '/') text = binding.root + '/' + text
    return '/' + clean(text, true)
  },
  relative(from, to) {
    const a = path.resolve(from).split('/').filter(Boolean)
    const b = path.resolve(to).split('/').filter(Boolean)
    let same = 0
    while (same < a.length && same < b.length && a[same] === b[same]) same++
    return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/')
  },
  dirname(text) {
    check(text, 'path')
    const plain = text.replace(/\/+$/, '')
    if (plain === '') return text === '' ? '.' : '/'
    const at = plain.lastIndexOf('/')
    if (at < 0) return '.'
    return at === 0 ? '/' : plain.slice(0, at).replace(/\/+$/, '') || '/'
  },
  basename(text, suffix) {
    check(text, 'path')
    const name = text.replace(/\/+$/, '').split('/').pop()
    return suffix !== undefined && name !== suffix && name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : name
  },
  extname(text) {
    const name = path.basename(text)
    const at = name.lastIndexOf('.')
    return at <= 0 || name === '..' ? '' : name.slice(at)
  },
  parse(text) {
    check(text, 'path')
    const root = text[0] === '/' ? '/' : ''
    const base = path.basename(text)
    const ext = path.extname(base)
    const dir = path.dirname(text)
    return { root, dir: dir === '.' && !text.startsWith('.') ? '' : dir, base, ext, name: ext === '' ? base : base.slice(0, -ext.length) }
  },
  format({ root = '', dir, base, name = '', ext = '' }) {
    const file = base || name + (ext !== '' && ext[0] !== '.' ? '.' : '') + ext
    if (!dir) return root + file
    return dir === root ? dir + file : dir + '/' + file
  },
  toNamespacedPath: (text) => text,
}
path.posix = path
path.win32 = path
module.exports = path
