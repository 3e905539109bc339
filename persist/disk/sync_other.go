//go:build !linux

package disk

import "os"

// Datasync makes the bytes of f durable.
func Datasync(f *os.File) error { return f.Sync() }

// LowerPriority does nothing on this system.
func LowerPriority() {}

// ReleasePages does nothing here.
func ReleasePages(uintptr, int64) {}
