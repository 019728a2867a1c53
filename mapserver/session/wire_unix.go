//go:build unix

package session

import (
	"errors"

	"golang.org/x/sys/unix"
)

// canWriteRaw says that writeRaw works here.
const canWriteRaw = true

// writeRaw writes to a socket what it takes without waiting.
func writeRaw(fd uintptr, p []byte) (int, error) {
	for {
		n, err := unix.Write(int(fd), p)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return 0, nil
		default:
			return 0, err
		}
	}
}
