//go:build !linux

package server

import "runtime"

// residentMemory is not known here.
func residentMemory() int64 { return 0 }

// systemMemory is not known here.
func systemMemory() int64 { return 0 }

// systemName returns the system and the processor.
func systemName() string { return runtime.GOOS + " " + runtime.GOARCH }
