package codec

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
)

// anyRow draws rows of every op; what an op does not write is empty.
func anyRow(t *rapid.T) change.Row {
	r := change.Row{
		Op:     change.Op(rapid.IntRange(1, 4).Draw(t, "op")),
		Kind:   change.Kind(rapid.IntRange(1, 7).Draw(t, "kind")),
		Space:  rapid.Uint32().Draw(t, "space"),
		Expire: rapid.Int64().Draw(t, "expire"),
	}
	if r.Op != change.Drop {
		r.Key = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "key")
	}
	if r.Op == change.Put {
		r.Type = change.Type(rapid.Byte().Draw(t, "type"))
		r.Value = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "value")
	}
	return r
}

func equal(a, b *change.Row) bool {
	return a.Op == b.Op && a.Kind == b.Kind && a.Type == b.Type && a.Space == b.Space &&
		a.Expire == b.Expire && bytes.Equal(a.Key, b.Key) && bytes.Equal(a.Value, b.Value)
}

func TestRowRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyRow(t)
		data := append(AppendRow(nil, &want), "rest"...)
		if over := len(data) - 4 - len(want.Key) - len(want.Value); over > MaxRowOverhead {
			t.Fatalf("%d bytes over key and value", over)
		}
		var got change.Row
		rest, err := ReadRow(data, &got)
		if err != nil || string(rest) != "rest" || !equal(&got, &want) {
			t.Fatalf("ReadRow(AppendRow(%v)) = %v, %q, %v", want, got, rest, err)
		}
		for cut := range len(data) - 4 {
			if _, err := ReadRow(data[:cut], &got); !errors.Is(err, ErrRow) {
				t.Fatalf("ReadRow of %d bytes of %d: %v", cut, len(data)-4, err)
			}
		}
	})
}

func TestStoredRoundTrip(t *testing.T) {
	for _, size := range []int{0, 1, maxShortKey, maxShortKey + 1, 70_000} {
		for _, expire := range []int64{0, 1, -1} {
			b := NewBucket(change.Key, 7)
			want := change.Row{
				Op: change.Put, Kind: change.Key, Space: 7, Type: change.String, Expire: expire,
				Key: []byte(strings.Repeat("k", size)), Value: []byte("value"),
			}
			name := StoredKey(nil, want.Key)
			if len(name) == 0 || len(name) > 32768 {
				t.Fatalf("a key of %d bytes has a name of %d", size, len(name))
			}
			value := b.AppendValue(nil, name, &want)
			var got change.Row
			if err := b.ReadValue(name, value, &got); err != nil || !equal(&got, &want) {
				t.Fatalf("ReadValue = %.80v, %v; want %.80v", got, err, want)
			}
		}
	}
}

// TestStoredDamage: every bit of a stored row, its name and its place counts.
func TestStoredDamage(t *testing.T) {
	b := NewBucket(change.Key, 7)
	row := change.Row{Op: change.Put, Kind: change.Key, Space: 7, Type: change.String, Expire: 5, Key: []byte("key"), Value: []byte("value")}
	name := StoredKey(nil, row.Key)
	value := b.AppendValue(nil, name, &row)
	var got change.Row
	for _, part := range [][]byte{name, value} {
		for i := range 8 * len(part) {
			part[i/8] ^= 1 << (i % 8)
			if err := b.ReadValue(name, value, &got); !errors.Is(err, ErrRow) {
				t.Fatalf("bit %d flipped: %v", i, err)
			}
			part[i/8] ^= 1 << (i % 8)
		}
	}
	if err := NewBucket(change.Key, 8).ReadValue(name, value, &got); !errors.Is(err, ErrRow) {
		t.Errorf("read in another space: %v", err)
	}
	for cut := range value {
		if err := b.ReadValue(name, value[:cut], &got); !errors.Is(err, ErrRow) {
			t.Errorf("%d bytes: %v", cut, err)
		}
	}
}

func TestAllocations(t *testing.T) {
	row := change.Row{Op: change.Put, Kind: change.Key, Type: change.String, Space: 3, Expire: 5, Key: []byte("key"), Value: []byte("value")}
	b := NewBucket(change.Key, 3)
	buf, name := make([]byte, 0, 100), make([]byte, 0, 100)
	var got change.Row
	allocs := testing.AllocsPerRun(100, func() {
		buf = AppendRow(buf[:0], &row)
		_, _ = ReadRow(buf, &got)
		name = StoredKey(name[:0], row.Key)
		buf = b.AppendValue(buf[:0], name, &row)
		_ = b.ReadValue(name, buf, &got)
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func FuzzReadRow(f *testing.F) {
	for _, r := range []change.Row{
		{Op: change.Put, Kind: change.Key, Type: change.String, Key: []byte("k"), Value: []byte("v")},
		{Op: change.Expire, Kind: change.Key, Expire: 9, Key: []byte("k")},
		{Op: change.Drop, Space: 1 << 31},
	} {
		f.Add(AppendRow(nil, &r))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var r, again change.Row
		rest, err := ReadRow(data, &r)
		if err != nil {
			return
		}
		if len(rest) >= len(data) {
			t.Fatal("a row of no bytes")
		}
		if _, err := ReadRow(AppendRow(nil, &r), &again); err != nil || !equal(&r, &again) {
			t.Fatalf("%v became %v, %v", r, again, err)
		}
	})
}

func FuzzReadValue(f *testing.F) {
	b := NewBucket(change.Key, 1)
	for _, key := range []string{"", "key", strings.Repeat("x", maxShortKey+1)} {
		r := change.Row{Op: change.Put, Kind: change.Key, Space: 1, Expire: int64(len(key)), Key: []byte(key), Value: []byte("v")}
		name := StoredKey(nil, r.Key)
		f.Add(name, b.AppendValue(nil, name, &r))
	}
	f.Fuzz(func(t *testing.T, name, value []byte) {
		var r change.Row
		if err := b.ReadValue(name, value, &r); err != nil {
			if !errors.Is(err, ErrRow) {
				t.Fatal(err)
			}
			// Reach the fields behind the checksum too.
			if len(value) < sumSize {
				return
			}
			body := value[:len(value)-sumSize]
			sum := Sum(Sum(b.seed, name), body)
			value = append(bytes.Clone(body), byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24))
			if b.ReadValue(name, value, &r) != nil {
				return
			}
		}
		if !bytes.Equal(StoredKey(nil, r.Key), name) && name[0] == longKey {
			t.Fatalf("key %q under name %q", r.Key, name)
		}
	})
}
