package js

import "testing"

func TestFirst(t *testing.T) {
	r := newRig(t, patient)
	t.Logf("idle %d", r.engine.heap.idle)
	for _, s := range []string{"return [1,2,{a:3}]", "print(1, {a:[1]}); console.warn('x', [2])", "let x = null\n x.y", "throw new TypeError('bad')", "world.hero.id = 3", "return [world.hero.position(), Object.keys(world), world.hero === world.hero, world.nope]", "return host.echo({b:1,a:[null,undefined]})", "(async () => { await 1; throw new Error('late') })()", "return /(a)b/.exec('xab')", "return 'a1b22c'.split(/\\d+/)", "function hi() { return 4 }", "return hi()", "return (", "export const x = 1", "return 2n", "return a ?? b?.c"} {
		t.Logf("%s -> %s", s, r.outcome("test.js", s))
	}
	t.Logf("%s", r.outcome("a/b.ts", "interface A { x: number }\nconst a: A = { x: 1 }\nfunction f(y: string): never { throw new Error(y) }\nf('a')"))
	t.Logf("%s", r.outcome("a/b.ts", "let x: number = \n"))
	t.Logf("%s", r.outcome("a/b.ts", "export const x = 1"))
}
