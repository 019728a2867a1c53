'use strict'
const { inspect } = require('inspect')
const { deepEqual } = require('equal')

class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message)
    this.name = 'AssertionError'
    this.code = 'ERR_ASSERTION'
    this.generatedMessage = false
    Object.assign(this, { actual, expected, operator })
  }
}

function fail(actual, expected, message, operator, text) {
  if (message instanceof Error) throw message
  const error = new AssertionError({ message: message === undefined ? text : String(message), actual, expected, operator })
  error.generatedMessage = message === undefined
  throw error
}

const both = (a, b) => `\n\n${inspect(a)}\n\nshould loosely deep-equal\n\n${inspect(b)}`
function assert(v, message) {
  if (!v) fail(v, true, message, '==', 'The expression evaluated to a falsy value')
}
module.exports = assert

function matches(error, expected) {
  if (expected === undefined) return true
  if (expected instanceof RegExp) return expected.test(String(error))
  if (typeof expected === 'object') {
    return Object.keys(expected).every((k) => expected[k] instanceof RegExp && typeof error[k] === 'string' ? expected[k].test(error[k]) : deepEqual(error[k], expected[k], true))
  }
  if (expected.prototype !== undefined && error instanceof expected) return true
  if (Object.prototype.isPrototypeOf.call(Error, expected)) return false
  return expected.call({}, error) === true
}

function thrown(error, expected, message) {
  if (typeof expected === 'string') { message = expected; expected = undefined }
  if (matches(error, expected)) return
  if (typeof expected === 'function' && expected.prototype instanceof Error || expected === Error) throw error
  fail(error, expected, message, 'throws', 'The error does not match what was expected')
}

Object.assign(assert, {
  AssertionError, ok: assert,
  fail(message = 'Failed') { fail(undefined, undefined, message, 'fail') },
  equal(a, b, message) { if (!(a == b || a !== a && b !== b)) fail(a, b, message, '==', `${inspect(a)} == ${inspect(b)}`) },
  notEqual(a, b, message) { if (a == b) fail(a, b, message, '!=', `${inspect(a)} != ${inspect(b)}`) },
  strictEqual(a, b, message) { if (!Object.is(a, b)) fail(a, b, message, 'strictEqual', `Expected values to be strictly equal:\n\n${inspect(a)} !== ${inspect(b)}\n`) },
  notStrictEqual(a, b, message) { if (Object.is(a, b)) fail(a, b, message, 'notStrictEqual', `Expected "actual" to be strictly unequal to: ${inspect(b)}`) },
  deepEqual(a, b, message) { if (!deepEqual(a, b, false)) fail(a, b, message, 'deepEqual', 'Expected values to be loosely deep-equal:' + both(a, b)) },
  notDeepEqual(a, b, message) { if (deepEqual(a, b, false)) fail(a, b, message, 'notDeepEqual', 'Expected "actual" not to be loosely deep-equal to: ' + inspect(b)) },
  deepStrictEqual(a, b, message) { if (!deepEqual(a, b, true)) fail(a, b, message, 'deepStrictEqual', `Expected values to be strictly deep-equal:\n${inspect(a)}\n\nshould equal\n\n${inspect(b)}`) },
  notDeepStrictEqual(a, b, message) { if (deepEqual(a, b, true)) fail(a, b, message, 'notDeepStrictEqual', 'Expected "actual" not to be strictly deep-equal to: ' + inspect(b)) },
  match(text, pattern, message) { if (!pattern.test(text)) fail(text, pattern, message, 'match', `The input did not match the regular expression ${pattern}. Input:\n\n${inspect(text)}\n`) },
  doesNotMatch(text, pattern, message) { if (pattern.test(text)) fail(text, pattern, message, 'doesNotMatch', `The input was expected to not match the regular expression ${pattern}. Input:\n\n${inspect(text)}\n`) },
  throws(fn, expected, message) {
    let error
    try { fn() } catch (e) { error = { e } }
    if (error === undefined) fail(undefined, expected, typeof expected === 'string' ? expected : message, 'throws', 'Missing expected exception.')
    thrown(error.e, expected, message)
  },
  doesNotThrow(fn, message) { try { fn() } catch (e) { fail(e, undefined, typeof message === 'string' ? message : undefined, 'doesNotThrow', `Got unwanted exception.\nActual message: "${e && e.message}"`) } },
  async rejects(v, expected, message) {
    let error
    try { await (typeof v === 'function' ? v() : v) } catch (e) { error = { e } }
    if (error === undefined) fail(undefined, expected, message, 'rejects', 'Missing expected rejection.')
    thrown(error.e, expected, message)
  },
  async doesNotReject(v, message) { try { await (typeof v === 'function' ? v() : v) } catch (e) { fail(e, undefined, message, 'doesNotReject', `Got unwanted rejection.\nActual message: "${e && e.message}"`) } },
  ifError(v) { if (v !== null && v !== undefined) throw v instanceof Error ? v : new AssertionError({ message: 'ifError got unwanted exception: ' + inspect(v), actual: v, expected: null, operator: 'ifError' }) },
})
assert.strict = Object.assign((v, message) => assert(v, message), assert, { equal: assert.strictEqual, notEqual: assert.notStrictEqual, deepEqual: assert.deepStrictEqual, notDeepEqual: assert.notDeepStrictEqual })
assert.strict.strict = assert.strict
