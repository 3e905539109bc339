package micro

import (
	"testing"

	"kvd/internal/app"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// line is a command as the dispatcher gets it.
func line(words ...string) [][]byte {
	args := make([][]byte, len(words))
	for i, word := range words {
		args[i] = []byte(word)
	}
	return args
}

// BenchmarkFind looks a command up among all that the server has, and finds its
// keys.
func BenchmarkFind(b *testing.B) {
	table, err := command.NewTable(app.Families()...)
	if err != nil {
		b.Fatal(err)
	}
	lines := [][][]byte{
		line("GET", "key:1"),
		line("set", "key:1", "value", "EX", "60"),
		line("MSET", "key:1", "a", "key:2", "b", "key:3", "c"),
		line("config", "get", "maxmemory"),
	}
	for _, args := range lines {
		if _, err := table.Find(args); err != nil {
			b.Fatal(err)
		}
	}
	var space [16]command.KeyRef
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		args := lines[i%len(lines)]
		cmd, _ := table.Find(args)
		if _, err := cmd.KeyRefs(args, space[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReply writes what a GET of a small value is answered with, and sends
// it in pieces of a pipeline.
func BenchmarkReply(b *testing.B) {
	var (
		out    reply.Writer
		chunks [][]byte
		value  = make([]byte, valueSize)
	)
	b.ReportAllocs()
	for i := 1; b.Loop(); i++ {
		out.Bulk(value)
		if i%16 == 0 {
			chunks = out.Chunks(chunks[:0])
			out.Sent(out.Len())
		}
	}
}
