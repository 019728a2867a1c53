package report

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"
)

// performance answers with a page for the author of the scripts.
func (c Config) performance(w http.ResponseWriter, _ *http.Request) {
	var page bytes.Buffer
	writePerformance(&page, StatusOf(c.Map, c.Snapshot(), c.Now()))
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(page.Bytes())
}

func writePerformance(w io.Writer, s Status) {
	f := s.Frames
	say := func(format string, values ...any) { _, _ = fmt.Fprintf(w, format+"\n", values...) }
	say("map %s: %d of %d players, %.1f FPS of %d (%.1f over 10 s), could reach %.0f",
		clean(s.Map), s.Players, s.MaxPlayers, f.FPS1, f.Rate, f.FPS10, f.ReachableFPS)
	say("frame: %.2f ms half of the time, %.2f ms in 99 of 100, %.2f ms at most; busy %.0f %%, scripts %.0f %% of that, %d overruns",
		f.P50Ms, f.P99Ms, f.MaxMs, 100*f.Busy, 100*f.Scripts, f.Overruns)
	say("revision %s", clean(s.Bundle.Applied))
	if s.Bundle.Error != "" {
		say("revision %s is not applied: %s", clean(s.Bundle.Wanted), clean(s.Bundle.Error))
	}
	say("")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "ms per call\tms at most\tms in all\tcalls\tfaults\t  code")
	for _, slot := range s.Slots {
		_, _ = fmt.Fprintf(table, "%.3f\t%.3f\t%.0f\t%d\t%d\t  %s\n", slot.MeanMs, slot.MaxMs, slot.TotalMs, slot.Calls, slot.Failed, clean(slot.Name))
	}
	_ = table.Flush()
	if s.Faults.Total == 0 {
		return
	}
	say("\n%d faults", s.Faults.Total)
	for _, fault := range s.Faults.Top {
		say("%6d  %s  %s: %s", fault.Count, fault.Last.UTC().Format(time.DateTime), clean(fault.At), clean(fault.Message))
	}
	for _, q := range s.Faults.Quarantined {
		say("%s rests until %s after %d failures in a row", clean(q.Slot), q.Until.UTC().Format(time.DateTime), q.Failures)
	}
}
