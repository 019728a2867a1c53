'use strict'
const timers = require('timers')
exports.setTimeout = (ms, value) => new Promise((resolve) => timers.setTimeout(resolve, ms, value))
exports.setImmediate = (value) => new Promise((resolve) => timers.setImmediate(resolve, value))
exports.scheduler = { wait: (ms) => exports.setTimeout(ms), yield: () => exports.setImmediate() }
