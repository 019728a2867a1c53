'use strict'
module.exports = { O_RDONLY: 0, S_IFMT: 61440, S_IFREG: 32768, S_IFDIR: 16384, F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 }
