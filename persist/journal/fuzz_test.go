package journal

import (
	"os"
	"testing"

	"kvd/internal/change"
	"kvd/persist/codec"
)

// codecRows is a frame with one row, in space i+1.
func codecRows(i uint64) []byte {
	r := change.Row{Op: change.Put, Kind: change.Key, Space: uint32(i) + 1, Key: []byte("key"), Value: []byte("value")}
	return codec.AppendRow(make([]byte, frameSize), &r)
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzSegment opens a directory whose only segment is damaged.
func FuzzSegment(f *testing.F) {
	f.Add(uint16(0), byte(1), uint16(1000), uint64(0))
	f.Add(uint16(40), byte(0xff), uint16(90), uint64(2))
	f.Fuzz(func(t *testing.T, at uint16, flip byte, size uint16, floor uint64) {
		dir := t.TempDir()
		s := &segment{num: 1, path: segmentPath(dir, 1), salt: 7, end: headerSize}
		data := s.header()
		for i := range uint64(5) {
			buf := codecRows(i)
			h := frame{sets: 1, last: i + 1, prev: i, synced: i}
			h.seal(buf, s.salt)
			data = append(data, buf...)
		}
		data = data[:min(int(size), len(data))]
		if len(data) > 0 {
			data[int(at)%len(data)] ^= flip
		}
		writeFile(t, s.path, data)
		opts := options(dir)
		opts.Floor = floor % 6
		j, _, err := Open(opts)
		if err != nil {
			return
		}
		defer j.Close()
		n := uint64(0)
		_, err = j.Replay(0, func(r *change.Row) error {
			if r.Space != uint32(n)+1 {
				t.Fatalf("row %d is of space %d", n, r.Space)
			}
			n++
			return nil
		})
		if err != nil || n < opts.Floor {
			t.Fatalf("%d of at least %d rows, %v", n, opts.Floor, err)
		}
	})
}
