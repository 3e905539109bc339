//go:build unix

package server

import "syscall"

// cpuTime returns the seconds of processor time that the process, or its
// children that have ended, took in the kernel and outside of it.
func cpuTime(who cpuOwner) (system, user float64) {
	from := syscall.RUSAGE_SELF
	if who == ownChildren {
		from = syscall.RUSAGE_CHILDREN
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(from, &u); err != nil {
		return 0, 0
	}
	return float64(u.Stime.Nano()) / 1e9, float64(u.Utime.Nano()) / 1e9
}
