'use strict'
const { Buffer } = require('buffer')
const normalise = binding.encoding

class StringDecoder {
  constructor(encoding = 'utf8') {
    this.encoding = normalise(String(encoding))
    if (this.encoding === undefined) throw Object.assign(new TypeError('Unknown encoding: ' + encoding), { code: 'ERR_UNKNOWN_ENCODING' })
    this.rest = Buffer.alloc(0)
  }
  write(chunk) {
    if (typeof chunk === 'string') return chunk
    const all = Buffer.concat([this.rest, chunk])
    const end = all.length - this.#partial(all)
    this.rest = Buffer.from(all.subarray(end))
    return all.toString(this.encoding, 0, end)
  }
  end(chunk) {
    const text = chunk === undefined ? '' : this.write(chunk)
    const rest = this.rest.toString(this.encoding)
    this.rest = Buffer.alloc(0)
    return text + (this.encoding === 'utf8' && rest !== '' ? '\ufffd' : rest)
  }
  // How many bytes at the end wait for more.
  #partial(b) {
    const n = b.length
    if (this.encoding === 'utf16le') return n % 2 + (n > 3 - n % 2 && (b[n - n % 2 - 1] & 0xfc) === 0xd8 ? 2 : 0)
    if (this.encoding === 'base64' || this.encoding === 'base64url') return n % 3
    if (this.encoding !== 'utf8') return 0
    for (let back = 1; back <= Math.min(3, n); back++) {
      const c = b[n - back]
      if ((c & 0xc0) === 0x80) continue
      const need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1
      return need > back ? back : 0
    }
    return 0
  }
}
exports.StringDecoder = StringDecoder
