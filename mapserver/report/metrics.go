package report

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics returns the handler of /metrics, with a registry of its own.
func metrics(c Config) http.Handler {
	registry := prometheus.NewRegistry()
	labels := prometheus.Labels{"gamemap": clean(c.Map)}
	wrapped := prometheus.WrapRegistererWith(labels, registry)
	wrapped.MustRegister(collector{c})
	registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// collector turns a Snapshot into metrics when it is asked.
type collector struct{ c Config }

// metric is one family: its name without the prefix, help, kind and label.
type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func family(kind prometheus.ValueType, name, help string, labels ...string) metric {
	return metric{desc: prometheus.NewDesc("overworld_"+name, help, labels, nil), kind: kind}
}

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

var (
	mReady     = family(gauge, "ready", "1 while players may come in.")
	mDraining  = family(gauge, "draining", "1 while the map is being stopped.")
	mPlayers   = family(gauge, "players", "Players on the map.")
	mPeak      = family(gauge, "players_peak", "The most players there were at once.")
	mMax       = family(gauge, "players_max", "The most players there may be.")
	mRate      = family(gauge, "frame_rate", "Frames per second that there should be.")
	mFrames    = family(counter, "frames_total", "Frames made.")
	mOverruns  = family(counter, "frame_overruns_total", "Frames that took longer than a frame may.")
	mFPS       = family(gauge, "fps", "Frames per second over a window.", "window")
	mReachable = family(gauge, "fps_reachable", "Frames per second that the map could make.")
	mBusy      = family(gauge, "busy_ratio", "Share of time spent in frames, 0 to 1.")
	mScripts   = family(gauge, "scripts_ratio", "Share of the frames' work that scripts took, 0 to 1.")
	mFrameTime = family(gauge, "frame_seconds", "Time of work per frame, lately; quantile 1 is the longest.", "quantile")
	mBundle    = family(gauge, "bundle_info", "Always 1; the revisions wanted and applied.", "wanted", "applied")
	mSwap      = family(gauge, "bundle_swap_seconds", "How long the last change of scripts held up the loop; absent before the first.")
	mSaveAge   = family(gauge, "save_age_seconds", "Time since the state was saved; absent before the first time.")
	mFaults    = family(counter, "script_faults_total", "Faults of scripts.")
	mResting   = family(gauge, "script_quarantined", "Slots that rest because they keep failing.")
	mCalls     = family(counter, "script_calls_total", "Calls of script code.", "slot")
	mFailed    = family(counter, "script_failed_total", "Calls of script code that ended in a fault.", "slot")
	mSeconds   = family(counter, "script_seconds_total", "Time in script code.", "slot")
	mAccepted  = family(counter, "sessions_accepted_total", "Sessions let in.")
	mRefused   = family(counter, "sessions_refused_total", "Connections not let in.", "reason")
	mEnded     = family(counter, "sessions_ended_total", "Sessions that have ended.", "reason")
	mMessages  = family(counter, "session_messages_total", "Messages from (in) and to (out) clients.", "direction")
	mBytes     = family(counter, "session_bytes_total", "Bytes from (in) and to (out) clients.", "direction")
	mBehind    = family(counter, "session_behind_total", "Times a client could not keep up.")
	mDropped   = family(counter, "session_dropped_total", "Messages dropped for clients that could not keep up.")
	mResyncs   = family(counter, "session_resyncs_total", "Full states sent to clients that had been behind.")
	mLimited   = family(counter, "session_limited_total", "Messages over a client's rate.")
	mRejected  = family(counter, "session_busy_total", "Messages that the map had no room for.")
	mQueued    = family(gauge, "session_queued", "Messages that wait to be sent.")
)

// Describe leaves the descriptions to Collect: the collector is unchecked.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends all metrics.
func (m collector) Collect(out chan<- prometheus.Metric) {
	s := m.c.Snapshot()
	put := func(f metric, value float64, labels ...string) {
		for i := range labels {
			labels[i] = clean(labels[i])
		}
		sample, err := prometheus.NewConstMetric(f.desc, f.kind, value, labels...)
		if err != nil {
			sample = prometheus.NewInvalidMetric(f.desc, err)
		}
		out <- sample
	}
	status := StatusOf(m.c.Map, s, m.c.Now())
	put(mReady, boolean(status.Ready))
	put(mDraining, boolean(s.Draining))
	put(mBundle, 1, s.Bundle.Wanted, s.Bundle.Applied)
	if s.Bundle.Swap > 0 {
		put(mSwap, s.Bundle.Swap.Seconds())
	}
	if age := status.Save.AgeSeconds; age != nil {
		put(mSaveAge, *age)
	}
	putFrames(put, s.Frames)
	putScripts(put, s)
	putSessions(put, s.Sessions)
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

type putFunc func(f metric, value float64, labels ...string)

func putFrames(put putFunc, f Frames) {
	put(mRate, float64(f.Rate))
	put(mFrames, float64(f.Count))
	put(mOverruns, float64(f.Overruns))
	put(mFPS, f.FPS1, "1s")
	put(mFPS, f.FPS10, "10s")
	put(mReachable, f.Reachable)
	put(mBusy, f.Busy)
	put(mScripts, f.Scripts)
	put(mFrameTime, f.P50.Seconds(), "0.5")
	put(mFrameTime, f.P99.Seconds(), "0.99")
	put(mFrameTime, f.Max.Seconds(), "1")
}

func putScripts(put putFunc, s Snapshot) {
	put(mFaults, float64(s.Faults.Total))
	put(mResting, float64(len(s.Faults.Quarantined)))
	// All slots: dropping those that cost less would make counters jump.
	for _, slot := range s.Slots {
		put(mCalls, float64(slot.Calls), slot.Name)
		put(mFailed, float64(slot.Failed), slot.Name)
		put(mSeconds, slot.Total.Seconds(), slot.Name)
	}
}

func putSessions(put putFunc, s Sessions) {
	put(mPlayers, float64(s.Players))
	put(mPeak, float64(s.Peak))
	put(mMax, float64(s.Max))
	put(mAccepted, float64(s.Accepted))
	for reason, n := range s.Refused {
		put(mRefused, float64(n), reason)
	}
	for reason, n := range s.Ended {
		put(mEnded, float64(n), reason)
	}
	put(mMessages, float64(s.FramesIn), "in")
	put(mMessages, float64(s.FramesOut), "out")
	put(mBytes, float64(s.BytesIn), "in")
	put(mBytes, float64(s.BytesOut), "out")
	put(mBehind, float64(s.Behind))
	put(mDropped, float64(s.Dropped))
	put(mResyncs, float64(s.Resyncs))
	put(mLimited, float64(s.Limited))
	put(mRejected, float64(s.Busy))
	put(mQueued, float64(s.Queued))
}
