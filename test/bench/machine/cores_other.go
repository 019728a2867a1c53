//go:build !linux

package machine

import (
	"errors"
	"os/exec"
)

var errLinux = errors.New("the benchmark needs Linux: it pins processes to cores and reads /proc")

// Cores is not possible here.
func Cores() (server, load int, err error) { return 0, 0, errLinux }

// PinSelf is not possible here.
func PinSelf(int) error { return errLinux }

// StartPinned is not possible here.
func StartPinned(*exec.Cmd, int) error { return errLinux }
