package js

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

func processBench(b *testing.B, text string) script.Process {
	b.Helper()
	p, err := Platform{}.NewProcess(script.ProcessConfig{
		Files: map[string][]byte{"index.js": []byte(text)}, Shim: []byte("module.exports = require('./index.js')"),
		Limits: script.Limits{Call: time.Second},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Close)
	return p
}

// BenchmarkProcessCall is what a call of a small function takes.
func BenchmarkProcessCall(b *testing.B) {
	p := processBench(b, "let n = 0; exports.go = (m) => { n += m.payload.length; return n }")
	d := &value.Dict{}
	d.Set("opCode", value.FromNumber(111))
	d.Set("payload", value.FromRef(script.Bytes("hello")))
	m := value.FromDict(d)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Call("go", m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProcessAsync is the same with a promise.
func BenchmarkProcessAsync(b *testing.B) {
	p := processBench(b, "exports.go = async (n) => { await null; return n }")
	for b.Loop() {
		if _, err := p.Call("go", value.FromNumber(1)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProcessTimer is a turn of setInterval.
func BenchmarkProcessTimer(b *testing.B) {
	p := processBench(b, "let n = 0; exports.go = () => { setInterval(() => n++, 10) }")
	if _, err := p.Call("go"); err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	for b.Loop() {
		now = now.Add(10 * time.Millisecond)
		p.Step(now)
	}
}

// BenchmarkProcessBuiltins is what counting costs code that calls built-in functions.
func BenchmarkProcessBuiltins(b *testing.B) {
	p := processBench(b, `exports.go = () => {
		let n = 0
		for (let i = 0; i < 1000; i++) { const a = [3, 1, 2].map((x) => x * i); n += a.indexOf(i) + Math.max(...a) + `+"`${i}`"+`.length }
		return n
	}`)
	for b.Loop() {
		if _, err := p.Call("go"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProcessIdle tells the memory of a process that has loaded an example.
func BenchmarkProcessIdle(b *testing.B) {
	seed, err := os.ReadFile(gameliftSeed)
	if err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	var kept []script.Process
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		p := processBench(b, string(seed))
		if _, err := p.Call("none"); err == nil {
			b.Fatal("the shim exports what it should not")
		}
		kept = append(kept, p)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(kept)), "B/process")
	b.ReportMetric(float64(kept[0].Memory()), "B/estimate")
}
