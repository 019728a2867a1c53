'use strict'
const marks = new Map()
const performance = {
  timeOrigin: binding.wall(),
  now: () => binding.clock() / 1e6,
  mark(name) { marks.set(name, performance.now()); return { name, startTime: marks.get(name) } },
  measure(name, from, to) {
    const startTime = marks.get(from) || 0
    const end = to === undefined ? performance.now() : marks.get(to)
    return { name, startTime, duration: end - startTime }
  },
  clearMarks() { marks.clear() }, clearMeasures() {}, getEntries: () => [], getEntriesByName: () => [],
  eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
  toJSON: () => ({ timeOrigin: performance.timeOrigin }),
}
exports.performance = performance
exports.PerformanceObserver = class PerformanceObserver { observe() {} disconnect() {} }
