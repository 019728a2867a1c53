'use strict'
const url = binding.url()
exports.toASCII = url.domainToASCII
exports.toUnicode = url.domainToUnicode
exports.ucs2 = { decode: (text) => Array.from(text, (c) => c.codePointAt(0)), encode: (list) => String.fromCodePoint(...list) }
