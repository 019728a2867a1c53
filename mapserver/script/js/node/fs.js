'use strict'
const { Buffer } = require('buffer')
const { read, stat, list, root } = binding

const texts = { ENOENT: 'no such file or directory', EISDIR: 'illegal operation on a directory', ENOTDIR: 'not a directory', EROFS: 'read-only file system', EBADF: 'bad file descriptor' }
const numbers = { ENOENT: -2, EISDIR: -21, ENOTDIR: -20, EROFS: -30, EBADF: -9 }

function failure(code, syscall, path) {
  const error = new Error(`${code}: ${texts[code]}, ${syscall}${path === undefined ? '' : ` '${path}'`}`)
  return Object.assign(error, { code, errno: numbers[code], syscall }, path === undefined ? {} : { path })
}

function name(path) {
  if (path instanceof Uint8Array) path = Buffer.from(path).toString()
  if (typeof path === 'object' && path !== null && path.protocol === 'file:') path = require('url').fileURLToPath(path)
  if (typeof path !== 'string') throw Object.assign(new TypeError('The "path" argument must be of type string or an instance of Buffer or URL.'), { code: 'ERR_INVALID_ARG_TYPE' })
  if (path.includes('\0')) throw Object.assign(new TypeError('The argument \'path\' must be a string without null bytes.'), { code: 'ERR_INVALID_ARG_VALUE' })
  return path
}

class Stats {
  constructor(size) {
    const dir = size < 0
    Object.assign(this, { dev: 0, ino: 0, mode: dir ? 16749 : 33060, nlink: 1, uid: 1000, gid: 1000, rdev: 0, size: Math.max(0, size), blksize: 4096, blocks: 0, atimeMs: 0, mtimeMs: 0, ctimeMs: 0, birthtimeMs: 0, atime: new Date(0), mtime: new Date(0), ctime: new Date(0), birthtime: new Date(0) })
  }
  isDirectory() { return (this.mode & 61440) === 16384 }
  isFile() { return (this.mode & 61440) === 32768 }
  isSymbolicLink() { return false }
  isSocket() { return false }
  isFIFO() { return false }
  isBlockDevice() { return false }
  isCharacterDevice() { return false }
}

class Dirent {
  #size
  constructor(name, dir, size) { this.name = name; this.path = this.parentPath = dir; this.#size = size }
  isDirectory() { return this.#size < 0 }
  isFile() { return this.#size >= 0 }
  isSymbolicLink() { return false }
}

const sync = {
  readFile(path, options) {
    path = name(path)
    const size = stat(path)
    if (size === undefined) throw failure('ENOENT', 'open', path)
    if (size < 0) throw failure('EISDIR', 'read')
    const b = Buffer.from(read(path))
    const enc = typeof options === 'string' ? options : options && options.encoding
    return enc && enc !== 'buffer' ? b.toString(enc) : b
  },
  readdir(path, options) {
    path = name(path)
    const size = stat(path)
    if (size === undefined) throw failure('ENOENT', 'scandir', path)
    if (size >= 0) throw failure('ENOTDIR', 'scandir', path)
    const out = []
    const add = (dir, prefix) => {
      for (const entry of list(dir)) {
        const full = dir + '/' + entry
        out.push(options && options.withFileTypes ? new Dirent(entry, dir, stat(full)) : prefix + entry)
        if (options && options.recursive && stat(full) < 0) add(full, prefix + entry + '/')
      }
    }
    add(path, '')
    return out
  },
  stat(path, options) {
    path = name(path)
    const size = stat(path)
    if (size !== undefined) return new Stats(size)
    if (options && options.throwIfNoEntry === false) return undefined
    throw failure('ENOENT', 'stat', path)
  },
  access(path, mode) {
    path = name(path)
    if (stat(path) === undefined) throw failure('ENOENT', 'access', path)
    if (mode & 2) throw failure('EROFS', 'access', path)
  },
  realpath(path) {
    path = require('path').resolve(name(path))
    if (stat(path) === undefined) throw failure('ENOENT', 'lstat', path)
    return path
  },
}
sync.lstat = sync.stat
for (const op of ['writeFile', 'appendFile', 'mkdir', 'mkdtemp', 'rmdir', 'rm', 'unlink', 'rename', 'copyFile', 'cp', 'chmod', 'chown', 'truncate', 'symlink', 'link', 'utimes']) {
  sync[op] = (path) => { throw failure('EROFS', op === 'writeFile' || op === 'appendFile' ? 'open' : op, typeof path === 'string' ? path : undefined) }
}

const promises = {}
for (const op of Object.keys(sync)) {
  exports[op + 'Sync'] = sync[op]
  promises[op] = async (...args) => sync[op](...args)
  exports[op] = (...args) => {
    const callback = args.pop()
    if (typeof callback !== 'function') throw Object.assign(new TypeError('The "cb" argument must be of type function.'), { code: 'ERR_INVALID_ARG_TYPE' })
    let value
    try { value = sync[op](...args) } catch (e) { setImmediate(callback, e); return }
    setImmediate(callback, null, value)
  }
}
exports.existsSync = (path) => { try { return stat(name(path)) !== undefined } catch (_) { return false } }
exports.exists = (path, callback) => { setImmediate(callback, exports.existsSync(path)) }
for (const op of ['open', 'openSync', 'createReadStream', 'createWriteStream', 'watch', 'watchFile', 'opendirSync', 'readSync', 'writeSync']) {
  exports[op] = () => { throw Object.assign(new Error(`fs.${op} is not available in maps: read files as a whole`), { code: 'ERR_FEATURE_UNAVAILABLE' }) }
}
exports.closeSync = () => { throw failure('EBADF', 'close') }
exports.promises = promises
exports.constants = promises.constants = require('constants')
Object.assign(exports, { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, Stats, Dirent })
