package script

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// The numbers of Faults.
const (
	// MaxFingerprints is how many different faults are remembered; the one that
	// was not seen for longest makes room.
	MaxFingerprints = 100
	// QuarantineAfter is how many failures in a row put a slot into quarantine.
	QuarantineAfter = 5
	// QuarantineFirst and QuarantineMost bound how long: the first time 10 s,
	// doubling with each further failure.
	QuarantineFirst = 10 * time.Second
	QuarantineMost  = 5 * time.Minute
	// loggedFully is how many occurrences of a fault are logged one by one;
	// after that only the powers of ten are.
	loggedFully = 3
)

// Occurrence is one fault as it happened.
type Occurrence struct {
	// Slot names the code that failed, for example "events/move/up". It is what
	// may be quarantined.
	Slot string
	// Err is the fault.
	Err *Error
	// Revision is the bundle's revision that ran.
	Revision string
	// Entity is the key of the entity that the code ran for, "" if none.
	Entity string
}

// Recorded is what became of an occurrence.
type Recorded struct {
	Fingerprint string
	// Count is how often this fault happened so far.
	Count int64
	// Log tells whether to write this occurrence to the log: the first three and
	// then the 10th, 100th, ... Skipped is how many were not written since the
	// last one that was.
	Log     bool
	Skipped int64
	// Quarantined tells that this failure put the slot into quarantine, until
	// Until.
	Quarantined bool
	Until       time.Time
}

// FaultEntry is one fault as the status shows it.
type FaultEntry struct {
	Fingerprint string
	Slot        string
	Class       Class
	// At is "file:line" and Message the text of the last occurrence.
	At, Message, Trace string
	Revision, Entity   string
	Count              int64
	First, Last        time.Time
}

// Quarantine is a slot that does not run for a while.
type Quarantine struct {
	Slot     string
	Failures int
	Until    time.Time
}

// Faults counts the faults of a map's scripts and decides which slots rest. It
// may be read from any goroutine. The zero Faults is ready to use.
type Faults struct {
	mu      sync.Mutex
	entries map[string]*faultEntry
	streaks map[string]*streak
	total   int64
	evicted int64
}

type faultEntry struct {
	FaultEntry
	skipped int64
}

// streak is a slot's failures in a row.
type streak struct {
	failures int
	until    time.Time
}

// Record counts a fault.
func (f *Faults) Record(o Occurrence, now time.Time) Recorded {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.total++
	e := f.entry(o, now)
	e.Count++
	e.Slot, e.Class, e.At, e.Message, e.Trace = o.Slot, o.Err.Class, o.Err.At(), o.Err.Message, o.Err.Trace
	e.Revision, e.Entity, e.Last = o.Revision, o.Entity, now
	out := Recorded{Fingerprint: e.Fingerprint, Count: e.Count, Log: logged(e.Count), Skipped: e.skipped}
	if e.skipped++; out.Log {
		e.skipped = 0
	}
	out.Until, out.Quarantined = f.failed(o.Slot, now)
	return out
}

// entry finds or makes the entry of a fault.
func (f *Faults) entry(o Occurrence, now time.Time) *faultEntry {
	key := o.Slot + "|" + o.Err.Fingerprint()
	if e, ok := f.entries[key]; ok {
		return e
	}
	if f.entries == nil {
		f.entries = map[string]*faultEntry{}
	}
	if len(f.entries) >= MaxFingerprints {
		f.evict()
	}
	e := &faultEntry{FaultEntry: FaultEntry{Fingerprint: o.Err.Fingerprint(), First: now}}
	f.entries[key] = e
	return e
}

func (f *Faults) evict() {
	oldest := ""
	for key, e := range f.entries {
		if oldest == "" || e.Last.Before(f.entries[oldest].Last) || e.Last.Equal(f.entries[oldest].Last) && key < oldest {
			oldest = key
		}
	}
	f.evicted += f.entries[oldest].Count
	delete(f.entries, oldest)
}

// logged tells whether the nth occurrence is written to the log.
func logged(n int64) bool {
	if n <= loggedFully {
		return true
	}
	for n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// failed lengthens a slot's streak.
func (f *Faults) failed(slot string, now time.Time) (until time.Time, quarantined bool) {
	if f.streaks == nil {
		f.streaks = map[string]*streak{}
	}
	s := f.streaks[slot]
	if s == nil {
		s = &streak{}
		f.streaks[slot] = s
	}
	s.failures++
	if s.failures < QuarantineAfter || now.Before(s.until) {
		return s.until, false
	}
	rest := QuarantineMost
	if doublings := s.failures - QuarantineAfter; doublings < 5 {
		rest = min(rest, QuarantineFirst<<doublings)
	}
	s.until = now.Add(rest)
	return s.until, true
}

// Allowed tells whether the code of a slot may run now. When a quarantine is
// over the slot gets one try; failing again puts it back for longer.
func (f *Faults) Allowed(slot string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.streaks[slot]
	return s == nil || !now.Before(s.until)
}

// Succeeded ends a slot's streak of failures.
func (f *Faults) Succeeded(slot string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.streaks) > 0 {
		delete(f.streaks, slot)
	}
}

// Reloaded lets every slot run again: its code has changed. The counts stay.
func (f *Faults) Reloaded() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.streaks)
}

// Top returns the n faults that happened most, the latest first among equals.
func (f *Faults) Top(n int) []FaultEntry {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]FaultEntry, 0, len(f.entries))
	for _, e := range f.entries {
		out = append(out, e.FaultEntry)
	}
	slices.SortFunc(out, func(a, b FaultEntry) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last),
			cmp.Compare(a.Fingerprint, b.Fingerprint), cmp.Compare(a.Slot, b.Slot))
	})
	return out[:max(0, min(n, len(out)))]
}

// Total returns how many faults were recorded, and how many of them belong to
// fingerprints that had to make room and are no longer in Top.
func (f *Faults) Total() (recorded, evicted int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.total, f.evicted
}

// Quarantined returns the slots that rest at the time now, by name.
func (f *Faults) Quarantined(now time.Time) []Quarantine {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Quarantine
	for slot, s := range f.streaks {
		if now.Before(s.until) {
			out = append(out, Quarantine{Slot: slot, Failures: s.failures, Until: s.until})
		}
	}
	slices.SortFunc(out, func(a, b Quarantine) int { return cmp.Compare(a.Slot, b.Slot) })
	return out
}
