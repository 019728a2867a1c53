package machine

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of time in /proc/PID/stat: always 10 ms for programs.
const tick = 10 * time.Millisecond

// CPU returns the processor time that process pid has used, in steps of 10 ms.
func CPU(pid int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseStat(data)
}

// parseStat reads utime and stime, the 14th and 15th field. The second one is
// the program's name, which may have anything in it.
func parseStat(data []byte) (time.Duration, error) {
	_, rest, ok := bytes.Cut(data[max(0, bytes.LastIndexByte(data, ')')):], []byte(") "))
	fields := strings.Fields(string(rest))
	if !ok || len(fields) < 13 {
		return 0, fmt.Errorf("reading processor time: unexpected form %.80q", data)
	}
	var sum time.Duration
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading processor time: %w", err)
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}

// CoreBusy returns for how long a core has been busy, with anything. It has
// what the kernel does for the network between two processes, which it charges
// to neither.
func CoreBusy(core int) (time.Duration, error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	return parseCore(string(data), core)
}

// parseCore adds up user, nice, system, irq and softirq, but not idle, iowait
// and what other machines on the same hardware took.
func parseCore(text string, core int) (time.Duration, error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[0] != "cpu"+strconv.Itoa(core) {
			continue
		}
		var sum time.Duration
		for _, column := range []int{1, 2, 3, 6, 7} {
			n, err := strconv.ParseInt(fields[column], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("reading the use of core %d: %w", core, err)
			}
			sum += time.Duration(n) * tick
		}
		return sum, nil
	}
	return 0, fmt.Errorf("reading the use of core %d: /proc/stat has no line for it", core)
}

// Memory returns the resident memory of process pid, in bytes.
func Memory(pid int) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseStatus(string(data))
}

func parseStatus(text string) (int64, error) {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("reading resident memory: %w", err)
			}
			return kib << 10, nil
		}
	}
	return 0, fmt.Errorf("reading resident memory: there is no VmRSS in the status of the process")
}

// Describe names the machine in a few words: processor, cores, system.
func Describe() string {
	name := runtime.GOARCH
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		name = parseModel(string(data), name)
	}
	return fmt.Sprintf("%s, %d cores, %s, %s", name, runtime.NumCPU(), runtime.GOOS, runtime.Version())
}

func parseModel(text, otherwise string) string {
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}
