package bots

import (
	"math/bits"
	"time"
)

// Durations are counted in microseconds, in buckets that are at most 1/32 wide
// of what they hold: memory stays the same however many there are.
const (
	fineBits    = 5
	fine        = 1 << fineBits
	exactBelow  = 2 * fine
	maxExponent = 30
	bucketCount = exactBelow + maxExponent*fine
)

// histogram counts durations.
type histogram struct {
	counts [bucketCount]uint64
	total  uint64
	max    time.Duration
}

func bucketOf(us uint64) int {
	if us < exactBelow {
		return int(us)
	}
	e := bits.Len64(us) - fineBits - 1
	if e > maxExponent {
		return bucketCount - 1
	}
	return exactBelow + (e-1)*fine + int(us>>e) - fine
}

// topOf is the largest number of microseconds in a bucket.
func topOf(bucket int) uint64 {
	if bucket < exactBelow {
		return uint64(bucket)
	}
	e := (bucket-exactBelow)/fine + 1
	return uint64((bucket-exactBelow)%fine+fine+1)<<e - 1
}

// add counts d; what is below zero counts as zero.
func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucketOf(uint64(d.Microseconds()))]++
	h.total++
	h.max = max(h.max, d)
}

// quantile returns a duration that the share q of all does not exceed.
func (h *histogram) quantile(q float64) time.Duration {
	want := uint64(q * float64(h.total))
	var sum uint64
	for bucket, n := range h.counts {
		if sum += n; n > 0 && sum >= want {
			return min(time.Duration(topOf(bucket))*time.Microsecond, h.max)
		}
	}
	return h.max
}
