'use strict'
function Module(id) { this.id = id; this.exports = {} }
Module.builtinModules = binding.builtinModules
Module.isBuiltin = (name) => binding.builtinModules.includes(String(name).replace(/^node:/, ''))
Module.createRequire = () => { throw new Error('module.createRequire is not available in maps') }
Module.Module = Module
module.exports = Module
