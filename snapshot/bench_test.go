package snapshot

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"kvd/persist"
	"kvd/snapshot/archive"
)

// benchKeys is how many small keys the archives of the benchmarks have.
const benchKeys = 100_000

func small(b *testing.B) []byte {
	b.Helper()
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, 1, &archive.Metadata{FormatVersion: archive.FormatVersion, CreatedAt: time.Unix(1, 0)})
	if err != nil {
		b.Fatal(err)
	}
	value := bytes.Repeat([]byte("v"), 64)
	for i := range benchKeys {
		if err := w.Record(&archive.Record{Key: fmt.Appendf(nil, "key:%08d", i), Type: archive.String, Value: value}); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func BenchmarkRead(b *testing.B) {
	file := small(b)
	for b.Loop() {
		if _, err := archive.Read(bytes.NewReader(file), 1<<40, archive.Visitor{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchKeys, "ns/key")
}

func BenchmarkBuild(b *testing.B) {
	file := small(b)
	for b.Loop() {
		out, err := persist.NewBuilder(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		build := builder{out: out}
		_, err = archive.Read(bytes.NewReader(file), 1<<40, archive.Visitor{Record: func(r *archive.Record, _ []byte) error { return build.add(r) }})
		if err != nil {
			b.Fatal(err)
		}
		v, err := out.View()
		if err != nil {
			b.Fatal(err)
		}
		if err := v.Close(); err != nil {
			b.Fatal(err)
		}
		out.Abandon()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchKeys, "ns/key")
}
