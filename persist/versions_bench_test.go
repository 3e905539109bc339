package persist_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"kvd/internal/change"
	"kvd/persist"
)

// BenchmarkVersions is what a version of 1 KB costs with its checkpoint, beside the
// value itself.
func BenchmarkVersions(b *testing.B) {
	for _, name := range []string{"values", "versions"} {
		b.Run(name, func(b *testing.B) {
			opts := small(b.TempDir())
			opts.Fsync, opts.SegmentBytes, opts.WindowRows, opts.BatchRows, opts.MaxJournal = persist.Never, 64<<20, 0, 0, 1<<30
			s, err := persist.Open(opts)
			if err != nil {
				b.Fatal(err)
			}
			content := make([]byte, 1024)
			info := make([]byte, 50)
			value := change.AppendVersion(nil, info, content)
			b.ReportAllocs()
			for i := range b.N {
				key := fmt.Appendf(nil, "key:%06d", i*7919%20_000)
				binary.LittleEndian.PutUint64(value[len(value)-8:], uint64(i))
				set := &change.Set{Rows: []change.Row{
					{Op: change.Put, Kind: change.Key, Type: change.String, Key: key, Value: content},
				}}
				if name == "versions" {
					set.Rows = append(set.Rows,
						change.Row{Op: change.Put, Kind: change.History, Type: change.String, Key: key, ID: uint64(i/20_000 + 1), Value: value},
						change.Row{Op: change.Put, Kind: change.Head, Key: key, Value: value[:110]})
				}
				s.Submit(set)
				if i%10 == 0 {
					_ = s.Flush()
				}
			}
			if err := s.Checkpoint(b.Context()); err != nil {
				b.Fatal(err)
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
