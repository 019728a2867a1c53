package machine

import (
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	got, err := parseStat([]byte("7 (a) b (c)) S 1 7 7 0 -1 4194560 1 2 3 4 150 25 0 0 20 0 5 0 100 200 300"))
	if err != nil || got != 1750*time.Millisecond {
		t.Errorf("%v, error %v", got, err)
	}
	for _, bad := range []string{"", "7 (a) S 1", "7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 x 25 0"} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestParseStatus(t *testing.T) {
	got, err := parseStatus("Name:\ta\nVmRSS:\t   12345 kB\nThreads:\t3\n")
	if err != nil || got != 12345<<10 {
		t.Errorf("%v, error %v", got, err)
	}
	if _, err := parseStatus("Name:\ta\n"); err == nil {
		t.Error("a status without VmRSS was accepted")
	}
}

func TestParseModel(t *testing.T) {
	if got := parseModel("processor\t: 0\nmodel name\t: Fast CPU\n", "?"); got != "Fast CPU" {
		t.Errorf("model %q", got)
	}
}

func TestParseCore(t *testing.T) {
	const text = "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\ncpu1 100 10 20 5000 70 1 2 33 0 0\nintr 1 2 3\n"
	if got, err := parseCore(text, 1); err != nil || got != 1330*time.Millisecond {
		t.Errorf("%v, error %v", got, err)
	}
	if _, err := parseCore(text, 2); err == nil {
		t.Error("a core that is not there was read")
	}
}
