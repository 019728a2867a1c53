// Package js runs JavaScript and TypeScript behind the seam of mapserver/script. It
// is the only package that knows goja and esbuild.
//
// The parts, from the bottom:
//
//   - machine (machine.go) is one goja runtime with everything that makes it safe:
//     what both the Engine of native bundles and a Process are built on. enter and
//     leave bracket an outermost call; run carries out JavaScript and turns what
//     comes out of it into a *script.Error.
//   - budget.go ends a call that took too long, or too much memory, from a timer
//     that looks at a running call every few milliseconds: goja's interrupt, which
//     no try, catch or finally of the script can stop. It costs a call two locks.
//   - guard*.go replace built-in functions that goja cannot interrupt by ones that
//     look at sizes first and at the clock often. prelude.js has those that are
//     written in JavaScript, which is interrupted anyway.
//   - heap.go and memory.go measure what scripts hold, by a walk over goja's data.
//   - convert.go, proxy.go pass values and host objects; fault.go makes positions
//     and traces; compile.go is esbuild's and goja's compiler (compileModule for the
//     modules of a Process), and rewrite.go the checks that it puts into code.
//   - engine.go, language.go are script.Engine and script.Language on top.
//
// What is exact and what is estimated: loops of the script end within a few
// milliseconds of their time; single built-in functions within less than two seconds
// at worst. A text that a built-in would make is checked before it is made, and one
// that + makes at once after it; everything else is found by the timer when the
// process's live heap has grown by the limit during the call, and by a walk after it.
//
// A script cannot reach the host: there is no file, network, process or module but
// what Env offers. eval and Function are there, but what they compile sees the
// globals only and counts like all other code; both are bounded in length. There is
// no BigInt: arithmetic on numbers of a million digits can be neither measured nor
// interrupted. Each map has a runtime of its own, so changed prototypes stay inside.
package js
