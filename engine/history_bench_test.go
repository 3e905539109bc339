package engine

import (
	"encoding/binary"
	"testing"

	"kvd/internal/change"
)

// blankHistory is a store that keeps nothing and has no versions.
type blankHistory struct{ Discard }

func (blankHistory) ReadVersion(uint32, []byte, uint64) (v change.Version, err error) { return v, nil }

func (blankHistory) ReadVersionInfo(uint32, []byte, uint64) (v change.Version, err error) {
	return v, nil
}

// BenchmarkAutoHistory is a SET of 1 KB, with and without a version of it.
func BenchmarkAutoHistory(b *testing.B) {
	for _, name := range []string{"off", "on"} {
		b.Run(name, func(b *testing.B) {
			e, c := newEngineWith(b, Options{Store: blankHistory{}, History: blankHistory{}})
			if name == "on" {
				auto(e, HistoryPolicy{Scope: ScopePrefix, Name: "k"})
			}
			value, now := make([]byte, 1024), c.Now().UnixMilli()
			b.ReportAllocs()
			key := []byte("k0000000")
			for i := range b.N {
				binary.LittleEndian.PutUint64(value, uint64(i))
				binary.LittleEndian.PutUint32(key[4:], uint32(i%20_000))
				tx := e.BeginKey(0, now, 0, key)
				tx.SetString(key, value, NoExpiry)
				tx.Commit()
			}
		})
	}
}
