//go:build linux || darwin

package snapshot

import (
	"math"
	"syscall"
)

// free is how many bytes the disk of a directory has left.
func free(dir string) int64 {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return math.MaxInt64
	}
	return int64(min(st.Bavail*uint64(st.Bsize), math.MaxInt64))
}
