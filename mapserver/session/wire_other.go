//go:build !unix

package session

import "errors"

// canWriteRaw says that writeRaw works here. Without it, each connection that
// has something to write gets a goroutine for it.
const canWriteRaw = false

func writeRaw(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }
