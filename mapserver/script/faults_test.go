package script

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

var t0 = time.Unix(1_700_000_000, 0)

func fault(line int, message string) *Error {
	return &Error{Class: Runtime, File: "events/move/up.lua", Line: line, Message: message}
}

func TestFaultsCountAndLog(t *testing.T) {
	var f Faults
	var logs []int64
	var skipped int64
	for i := range 1000 {
		r := f.Record(Occurrence{Slot: "move/up", Err: fault(3, fmt.Sprintf("player %d is gone", i)), Entity: "players_1"}, t0.Add(time.Duration(i)))
		if r.Log {
			logs = append(logs, r.Count)
			skipped += r.Skipped
		}
	}
	if got, want := fmt.Sprint(logs), "[1 2 3 10 100 1000]"; got != want {
		t.Errorf("logged %s, want %s", got, want)
	}
	if got := skipped + int64(len(logs)); got != 1000 {
		t.Errorf("logged and skipped add up to %d, want 1000", got)
	}
	top := f.Top(10)
	if len(top) != 1 || top[0].Count != 1000 || top[0].Message != "player 999 is gone" || !top[0].First.Equal(t0) || top[0].At != "events/move/up.lua:3" {
		t.Errorf("top = %+v", top)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	var f Faults
	for i := range MaxFingerprints + 20 {
		for range i%3 + 1 {
			f.Record(Occurrence{Slot: "s", Err: fault(i+1, "x")}, t0.Add(time.Duration(i)*time.Second))
		}
	}
	if got := len(f.Top(1000)); got != MaxFingerprints {
		t.Errorf("%d fingerprints, want %d", got, MaxFingerprints)
	}
	recorded, evicted := f.Total()
	sum := evicted
	for _, e := range f.Top(1000) {
		sum += e.Count
		if e.Last.Before(t0.Add(20 * time.Second)) {
			t.Errorf("%s of %v is still there", e.At, e.Last)
		}
	}
	if sum != recorded {
		t.Errorf("shown and evicted are %d, recorded %d", sum, recorded)
	}
	if got := f.Top(3); len(got) != 3 || got[0].Count < got[2].Count {
		t.Errorf("top 3 = %+v", got)
	}
}

func TestQuarantine(t *testing.T) {
	var f Faults
	now := t0
	fail := func() Recorded { return f.Record(Occurrence{Slot: "a", Err: fault(1, "x")}, now) }
	for i := 1; i < QuarantineAfter; i++ {
		if r := fail(); r.Quarantined || !f.Allowed("a", now) {
			t.Fatalf("quarantined after %d failures", i)
		}
	}
	for _, want := range []time.Duration{10, 20, 40, 80, 160, 300, 300} {
		r := fail()
		if !r.Quarantined || r.Until.Sub(now) != want*time.Second {
			t.Fatalf("quarantine of %v, want %d s", r.Until.Sub(now), want)
		}
		if f.Allowed("a", r.Until.Add(-1)) || !f.Allowed("a", r.Until) || !f.Allowed("b", now) {
			t.Fatal("wrong slot or time allowed")
		}
		if q := f.Quarantined(now); len(q) != 1 || q[0].Slot != "a" {
			t.Fatalf("quarantined = %+v", q)
		}
		now = r.Until
	}
	f.Succeeded("a")
	if r := fail(); r.Quarantined || len(f.Quarantined(now)) != 0 {
		t.Error("success did not end the streak")
	}
}

func TestReloadLiftsQuarantine(t *testing.T) {
	var f Faults
	for range QuarantineAfter {
		f.Record(Occurrence{Slot: "a", Err: fault(1, "x")}, t0)
	}
	if f.Allowed("a", t0) {
		t.Fatal("not quarantined")
	}
	f.Reloaded()
	if !f.Allowed("a", t0) || len(f.Top(5)) != 1 {
		t.Error("a reload must lift quarantines and keep the counts")
	}
}

func TestFaultsFromManyGoroutines(t *testing.T) {
	var f Faults
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				f.Record(Occurrence{Slot: fmt.Sprint(g), Err: fault(i, "x")}, t0)
				f.Allowed("1", t0)
				f.Top(3)
				f.Quarantined(t0)
				f.Succeeded("2")
			}
		})
	}
	wg.Wait()
	if n, _ := f.Total(); n != 800 {
		t.Errorf("recorded %d", n)
	}
}

func TestBuiltins(t *testing.T) {
	for _, c := range []struct{ s, sep, want string }{
		{"a,b,,c", ",", `["a","b","","c"]`}, {"", ",", `[""]`}, {"abc", "", `["a","b","c"]`}, {"a.b", ".", `["a","b"]`},
	} {
		if got, _ := split(c.s, c.sep).MarshalJSON(); string(got) != c.want {
			t.Errorf("split(%q, %q) = %s, want %s", c.s, c.sep, got, c.want)
		}
	}
	now := func() time.Time { return time.UnixMicro(1670069589123456) }
	for _, f := range Builtins(now) {
		if f.Doc == "" || f.Returns == "" {
			t.Errorf("%s is not documented", f.Name)
		}
		if f.Name == "microtime" {
			if v, err := f.Call(nil, nil); err != nil || v.Num() != 1670069589.1234 {
				t.Errorf("microtime() = %v, %v", v, err)
			}
		}
	}
}
