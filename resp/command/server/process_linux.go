package server

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// residentMemory returns the bytes of physical memory that the process has, or
// 0 if the system does not tell.
func residentMemory() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text) // see proc_pid_statm(5): the second is resident pages
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// systemMemory returns the bytes of physical memory that the machine has, or 0.
func systemMemory() int64 {
	var s syscall.Sysinfo_t
	if err := syscall.Sysinfo(&s); err != nil {
		return 0
	}
	return int64(s.Totalram) * int64(s.Unit) //nolint:unconvert // the types differ between processors
}

// systemName returns name, release and processor of the system.
func systemName() string {
	var u syscall.Utsname
	if err := syscall.Uname(&u); err != nil {
		return "Linux"
	}
	return cString(u.Sysname[:]) + " " + cString(u.Release[:]) + " " + cString(u.Machine[:])
}

// cString reads text that ends with a zero byte. Its characters are signed on
// some processors and unsigned on others.
func cString[T int8 | uint8](text []T) string {
	var b []byte
	for _, c := range text {
		if c == 0 {
			break
		}
		b = append(b, byte(c))
	}
	return string(b)
}
