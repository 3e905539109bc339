package micro

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"kvd/bench/workloads"
)

const (
	pathKeys  = 100_000
	valueSize = 64
)

// path is a command of the benchmarks, on a key, and the reply to it.
type path struct {
	name    string
	command func(key string) string
	reply   string
	depth   int // of the pipeline
	disk    bool
}

func paths() []path {
	value := workloads.Value(valueSize)
	get := func(key string) string { return fmt.Sprintf("*2\r\n$3\r\nGET\r\n$16\r\n%s\r\n", key) }
	set := func(key string) string {
		return fmt.Sprintf("*3\r\n$3\r\nSET\r\n$16\r\n%s\r\n$64\r\n%s\r\n", key, value)
	}
	found := "$64\r\n" + value + "\r\n"
	return []path{
		{"ping", func(string) string { return "*1\r\n$4\r\nPING\r\n" }, "+PONG\r\n", 16, false},
		{"get", get, found, 16, false},
		{"get, a thousand at a time", get, found, 1000, false},
		{"set", set, "+OK\r\n", 16, false},
		{"set, journaled", set, "+OK\r\n", 16, true},
	}
}

// open starts a server that has the keys of the path.
func (p path) open(t testing.TB) *door {
	args := []string{"--appendonly", "no"}
	if p.disk {
		args = []string{"--dir", t.TempDir(), "--appendfsync", "everysec"}
	}
	a, d := open(t, args...)
	fill(a.Services().Engine, pathKeys, valueSize)
	return d
}

// run sends n commands and waits for their replies.
func (p path) run(d *door, block []byte, n int) {
	f := newFeed(block, n, p.depth, len(block)/pathKeys, len(p.reply))
	d.in <- f
	<-f.done
	f.Close()
}

// BenchmarkPath is what one command of a pipeline costs, from its bytes to those
// of the reply, on one core: parser, dispatcher, engine, reply writer.
func BenchmarkPath(b *testing.B) {
	for _, p := range paths() {
		b.Run(p.name, func(b *testing.B) {
			d, block := p.open(b), p.pipeline()
			b.ReportAllocs()
			b.ResetTimer()
			p.run(d, block, b.N)
		})
	}
}

// TestPathWithoutGarbage: what a command allocates between its bytes and those
// of its reply is nothing, whichever way it takes.
func TestPathWithoutGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, and cells come from the Go heap")
	}
	const commands = 50_000
	for _, p := range paths() {
		t.Run(p.name, func(t *testing.T) {
			d, block := p.open(t), p.pipeline()
			p.run(d, block, pathKeys) // buffers grow
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p.run(d, block, commands)
			runtime.ReadMemStats(&after)
			// The connection itself and the background of the server have some.
			if n := after.Mallocs - before.Mallocs; n > commands/10 {
				t.Errorf("%d allocations for %d commands", n, commands)
			}
		})
	}
}

// pipeline returns commands on all keys, in an order that has no pattern.
func (p path) pipeline() []byte {
	const step = 7919 // a prime, so that every key has its turn
	var text strings.Builder
	for i := range pathKeys {
		text.WriteString(p.command(workloads.Key(i * step % pathKeys)))
	}
	return []byte(text.String())
}
