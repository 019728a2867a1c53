package load

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serverFrame is a frame without a mask.
func serverFrame(first byte, data []byte) []byte {
	masked := appendFrame(nil, 0, data)
	n := headerLength(masked[1])
	masked[0], masked[1] = first, masked[1]&^maskBit
	return slices.Concat(masked[:n], masked[n+4:])
}

func TestFramesInPiecesOfAnySize(t *testing.T) {
	long := bytes.Repeat([]byte("long "), 100)
	stream := slices.Concat(
		serverFrame(finBit|opText, []byte("one")),
		serverFrame(opText|compressedBit, []byte("tw")),
		serverFrame(finBit|opPing, []byte("ping")),
		serverFrame(finBit|opContinuation, []byte("o")),
		serverFrame(finBit|opText, nil),
		serverFrame(finBit|opText, long),
		serverFrame(finBit|opClose, []byte{3, 232}),
		append([]byte{finBit | opText, 127, 0, 0, 0, 0, 0, 0, 0, 3}, "big"...),
	)
	want := []string{"one", "ping", "two compressed", "", string(long), "\x03\xe8", "big"}
	for size := 1; size <= len(stream); size++ {
		var got []string
		f := frames{control: func(_ byte, data []byte) { got = append(got, string(data)) }}
		f.message = func(data []byte, compressed bool) {
			text := string(data)
			if compressed {
				text += " compressed"
			}
			got = append(got, text)
		}
		for piece := range slices.Chunk(stream, size) {
			f.feed(piece)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("pieces of %d: %s", size, diff)
		}
		if f.messages != 5 {
			t.Fatalf("%d messages", f.messages)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte{finBit | opText, 3, 'a', 'b', 'c', finBit | opPing, 0}, 1)
	f.Add([]byte{finBit | opText, 126, 0, 1, 'a', 0x02, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 3)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		whole, pieces := frames{}, frames{message: func([]byte, bool) {}}
		whole.feed(stream)
		for piece := range slices.Chunk(stream, 1+int(uint(size)%64)) {
			pieces.feed(piece)
		}
		if whole.messages != pieces.messages {
			t.Errorf("%d messages in one piece, %d in pieces", whole.messages, pieces.messages)
		}
	})
}

func TestMovesDiffer(t *testing.T) {
	now := time.UnixMilli(1670069589900)
	var got []string
	for n := range 2 {
		got = append(got, string(appendMove(nil, 7, n, now)))
	}
	want := []string{
		`{"action":"move/to","command_id":1670069589900,"x":1,"y":7,"side":"left","pose":"walk"}`,
		`{"action":"move/to","command_id":1670069589900,"x":2,"y":8,"side":"down","pose":"step"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWatchersAreSpread(t *testing.T) {
	for players := 2; players < 60; players++ {
		for n := 1; n <= min(players, 8); n++ {
			c := crowd{plan: Plan{Players: players}, watchers: make([]*watcher, n)}
			for k := range c.watchers {
				c.watchers[k] = &watcher{}
			}
			used := make(map[*watcher]int)
			for i := range players {
				if w := c.watcherOf(i); w != nil {
					used[w]++
				}
			}
			if len(used) != n {
				t.Fatalf("%d of %d watchers used with %d players", len(used), n, players)
			}
		}
	}
}
