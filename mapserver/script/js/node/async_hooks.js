'use strict'
// There is one flow of control only, so a store is what run was given last.
class AsyncLocalStorage {
  run(store, fn, ...args) {
    const before = this.store
    this.store = store
    try { return fn(...args) } finally { this.store = before }
  }
  enterWith(store) { this.store = store }
  exit(fn, ...args) { return this.run(undefined, fn, ...args) }
  getStore() { return this.store }
  disable() { this.store = undefined }
}
class AsyncResource {
  runInAsyncScope(fn, self, ...args) { return fn.apply(self, args) }
  emitDestroy() { return this }
}
module.exports = { AsyncLocalStorage, AsyncResource, executionAsyncId: () => 0, triggerAsyncId: () => 0, createHook: () => ({ enable() {}, disable() {} }) }
