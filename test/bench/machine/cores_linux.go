package machine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Cores picks two cores that this process may use: one for the server, one for
// the load. The server's is the last one, because the first is where a machine
// serves its devices.
func Cores() (server, load int, err error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return 0, 0, fmt.Errorf("reading the usable cores: %w", err)
	}
	var cores []int
	for core := range len(set) * 64 {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	if len(cores) < 2 {
		return 0, 0, errors.New("two cores are needed, one for the server and one for the load, and only one can be used")
	}
	return cores[len(cores)-1], cores[0], nil
}

// PinSelf keeps all threads of this process, and those to come, on one core.
func PinSelf(core int) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("listing own threads: %w", err)
	}
	set := only(core)
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if err := unix.SchedSetaffinity(id, &set); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("pinning thread %d to core %d: %w", id, core, err)
		}
	}
	runtime.GOMAXPROCS(1)
	return nil
}

// StartPinned starts cmd on one core, with one thread that runs Go code.
func StartPinned(cmd *exec.Cmd, core int) error {
	cmd.Env = append(cmd.Environ(), "GOMAXPROCS=1")
	// A new process inherits the cores of the thread that starts it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("reading the usable cores: %w", err)
	}
	set := only(core)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pinning to core %d: %w", core, err)
	}
	err := cmd.Start()
	if back := unix.SchedSetaffinity(0, &before); back != nil {
		return errors.Join(err, fmt.Errorf("unpinning: %w", back))
	}
	return err
}

func only(core int) unix.CPUSet {
	var set unix.CPUSet
	set.Set(core)
	return set
}
