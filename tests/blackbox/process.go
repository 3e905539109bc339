package blackbox

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of CPU times in /proc, which Linux has fixed for
// user space.
const ticksPerSecond = 100

// RSS is how much memory of the process is resident, in bytes.
func (s *Server) RSS() int64 {
	s.t.Helper()
	return s.status("VmRSS")
}

// PeakRSS is the most that RSS has been since the start or ResetPeak.
func (s *Server) PeakRSS() int64 {
	s.t.Helper()
	return s.status("VmHWM")
}

// ResetPeak makes PeakRSS begin anew.
func (s *Server) ResetPeak() {
	s.t.Helper()
	if err := os.WriteFile(s.proc("clear_refs"), []byte("5"), 0); err != nil {
		s.t.Fatalf("reset the peak of memory: %v", err)
	}
}

// status reads a size from the process's status file, in bytes.
func (s *Server) status(name string) int64 {
	s.t.Helper()
	for line := range bytes.Lines(s.read("status")) {
		value, ok := strings.CutPrefix(string(line), name+":")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		return kib << 10
	}
	s.t.Fatalf("the kernel tells no %s", name)
	return 0
}

// CPU is the processor time that the process has used.
func (s *Server) CPU() time.Duration {
	s.t.Helper()
	stat := string(s.read("stat"))
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	const user, system = 11, 12 // counted from the state, behind the name
	var ticks int64
	for _, i := range []int{user, system} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			s.t.Fatalf("processor time %q: %v", stat, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// Descriptors is how many files and sockets the process has open.
func (s *Server) Descriptors() int {
	s.t.Helper()
	list, err := os.ReadDir(s.proc("fd"))
	if err != nil {
		s.t.Fatalf("list open files: %v", err)
	}
	return len(list)
}

func (s *Server) read(name string) []byte {
	s.t.Helper()
	text, err := os.ReadFile(s.proc(name))
	if err != nil {
		s.t.Fatalf("ask the kernel about the server: %v", err)
	}
	return text
}

func (s *Server) proc(name string) string { return fmt.Sprintf("/proc/%d/%s", s.PID(), name) }
