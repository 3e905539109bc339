package server

import (
	"math"
	"runtime"
	"strings"
	"testing"
)

func TestHuman(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0B", 1023: "1023B", 1024: "1.00K", 1536: "1.50K", 1 << 20: "1.00M", 5<<30 + 1<<29: "5.50G",
		1 << 40: "1.00T", 1 << 50: "1.00P", math.MaxInt64: "8192.00P",
	} {
		if got := human(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestWanted(t *testing.T) {
	tests := []struct{ args, want string }{
		{"", "Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace"},
		{"default", "Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace"},
		{"cpu SERVER", "Server CPU"},
		{"nosuch", ""},
		{"commandstats", "Commandstats"},
		{"latencystats modules", "Modules Latencystats"},
		{"ALL", "Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace"},
		{"nosuch everything", "Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace"},
	}
	for _, tt := range tests {
		var names [][]byte
		for name := range strings.FieldsSeq(tt.args) {
			names = append(names, []byte(name))
		}
		var got []string
		for i := range sections {
			if sections[i].wanted(names) {
				got = append(got, sections[i].title)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("INFO %s: %s, want %s", tt.args, got, tt.want)
		}
	}
}

func TestRatio(t *testing.T) {
	if got := ratio(1, 4); got != 0.25 {
		t.Error(got)
	}
	if got := percent(1, 4); got != 25 {
		t.Error(got)
	}
	if got := ratio(1, 0); got != 0 {
		t.Error(got)
	}
}

func TestDiagnose(t *testing.T) {
	const size = 100 << 20
	calm := memoryUse{used: size, peak: size, heap: size / 10, resident: size + size/5}
	calm.keys.Cells, calm.keys.Runs = size, size+size/10
	tests := []struct {
		name   string
		change func(*memoryUse)
		want   string
	}{
		{"calm", func(*memoryUse) {}, "good order"},
		{"small", func(u *memoryUse) { u.used = 1 << 20 }, "too little"},
		{"peak", func(u *memoryUse) { u.peak = 2 * size }, "At its peak the data took 200.00M"},
		{"sparse", func(u *memoryUse) { u.keys.Runs = 3 * size }, "3.0 times"},
		{"resident", func(u *memoryUse) { u.resident = 5 * size }, "physical memory"},
		{"clients", func(u *memoryUse) { u.clients = size }, "CLIENT LIST"},
	}
	for _, tt := range tests {
		u := calm
		tt.change(&u)
		if got := diagnose(&u); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q does not say %q", tt.name, got, tt.want)
		}
	}
}

func TestDigestOrder(t *testing.T) {
	var ab, ba digest
	ab.add([]byte("a"))
	ab.add([]byte("b"))
	ba.add([]byte("b"))
	ba.add([]byte("a"))
	if ab != ba {
		t.Error("add depends on the order")
	}
	var then1, then2 digest
	then1.then([]byte("a"))
	then1.then([]byte("b"))
	then2.then([]byte("b"))
	then2.then([]byte("a"))
	if then1 == then2 {
		t.Error("then does not depend on the order")
	}
	ab.add([]byte("a"))
	ab.add([]byte("b"))
	if ab != (digest{}) {
		t.Error("what is added twice does not cancel out")
	}
}

func TestSystem(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("these figures are known on Linux only")
	}
	if n := residentMemory(); n < 1<<20 {
		t.Errorf("resident memory: %d", n)
	}
	if systemMemory() < residentMemory() {
		t.Error("the machine has less memory than the process")
	}
	if name := systemName(); !strings.Contains(name, " ") {
		t.Errorf("system: %q", name)
	}
	if system, user := cpuTime(ownProcess); system < 0 || user+system == 0 {
		t.Errorf("processor time: %v, %v", system, user)
	}
}
