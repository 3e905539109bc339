package codec

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
)

// anyRow draws rows of every op; what an op does not write is empty.
func anyRow(t *rapid.T) change.Row {
	r := change.Row{
		Op:     change.Op(rapid.IntRange(1, 5).Draw(t, "op")),
		Kind:   change.Kind(rapid.IntRange(1, 7).Draw(t, "kind")),
		Space:  rapid.Uint32().Draw(t, "space"),
		Expire: rapid.Int64().Draw(t, "expire"),
	}
	if r.Kind.Numbered() {
		r.ID = rapid.Uint64().Draw(t, "id")
	}
	if r.Op != change.Drop {
		r.Key = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "key")
	}
	switch r.Op {
	case change.Put:
		r.Type = change.Type(rapid.Byte().Draw(t, "type"))
		r.Value = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "value")
	case change.Edit:
		r.Kind, r.ID = change.Key, 0
		r.Offset = rapid.Uint64Range(0, maxValue-40).Draw(t, "offset")
		r.Value = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "value")
	}
	return r
}

func equal(a, b *change.Row) bool {
	return a.Op == b.Op && a.Kind == b.Kind && a.Type == b.Type && a.Space == b.Space && a.ID == b.ID &&
		a.Expire == b.Expire && a.Offset == b.Offset && bytes.Equal(a.Key, b.Key) && bytes.Equal(a.Value, b.Value)
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

// TestImpossibleEdits: an Edit has no bytes that would prove its offset.
func TestImpossibleEdits(t *testing.T) {
	edit := change.Row{Op: change.Edit, Kind: change.Key, Offset: maxValue - 3, Key: []byte("key"), Value: []byte("abc")}
	var got change.Row
	if _, err := ReadRow(AppendRow(nil, &edit), &got); err != nil || !equal(&got, &edit) {
		t.Errorf("the last bytes of the longest value: %v, %v", got, err)
	}
	for _, spoil := range []func(r *change.Row){
		func(r *change.Row) { r.Offset++ },
		func(r *change.Row) { r.Offset = 1<<64 - 1 },
		func(r *change.Row) { r.Kind = change.Element },
		func(r *change.Row) { r.Kind = change.Meta },
	} {
		r := edit
		spoil(&r)
		if _, err := ReadRow(AppendRow(nil, &r), &got); !errors.Is(err, ErrRow) {
			t.Errorf("%v was read: %v", r, err)
		}
	}
}

func TestStoredRoundTrip(t *testing.T) {
	for _, kind := range []change.Kind{change.Key, change.Element} {
		for _, size := range []int{0, 1, maxShortKey, maxShortKey + 1, 70_000} {
			for _, expire := range []int64{0, 1, -1} {
				storedRoundTrip(t, &change.Row{
					Op: change.Put, Kind: kind, Space: 7, Type: change.String, Expire: expire,
					Key: []byte(strings.Repeat("k", size)), Value: []byte("value"),
				})
			}
		}
	}
}

func storedRoundTrip(t *testing.T, want *change.Row) {
	t.Helper()
	b := NewBucket(want.Kind, want.Space)
	if want.Kind == change.Element {
		want.ID = 1<<40 + 3
	}
	name := StoredName(nil, want)
	if len(name) == 0 || len(name) > 32768 {
		t.Fatalf("a key of %d bytes has a name of %d", len(want.Key), len(name))
	}
	if want.Kind == change.Element && !bytes.HasPrefix(name, StoredPrefix(nil, want.ID)) {
		t.Fatalf("the name of an element is %q", name)
	}
	value := b.AppendValue(nil, name, want)
	var got change.Row
	if err := b.ReadValue(name, value, &got); err != nil || !equal(&got, want) {
		t.Fatalf("ReadValue = %.80v, %v; want %.80v", got, err, want)
	}
}

// TestStoredDamage: every bit of a stored row, its name and its place counts.
func TestStoredDamage(t *testing.T) {
	for _, row := range []change.Row{
		{Op: change.Put, Kind: change.Key, Space: 7, Type: change.String, Expire: 5, Key: []byte("key"), Value: []byte("value")},
		{Op: change.Put, Kind: change.Element, Space: 7, ID: 9, Expire: 5, Key: []byte("field"), Value: []byte("value")},
	} {
		storedDamage(t, &row)
	}
}

func storedDamage(t *testing.T, row *change.Row) {
	t.Helper()
	b := NewBucket(row.Kind, row.Space)
	name := StoredName(nil, row)
	value := b.AppendValue(nil, name, row)
	refused := func(b Bucket, name, value []byte, what string) {
		t.Helper()
		var got change.Row
		if err := b.ReadValue(name, value, &got); !errors.Is(err, ErrRow) {
			t.Errorf("kind %d, %s: %v", row.Kind, what, err)
		}
	}
	for _, part := range [][]byte{name, value} {
		for i := range 8 * len(part) {
			part[i/8] ^= 1 << (i % 8)
			refused(b, name, value, fmt.Sprint("bit ", i, " flipped"))
			part[i/8] ^= 1 << (i % 8)
		}
	}
	refused(NewBucket(row.Kind, row.Space+1), name, value, "read in another space")
	refused(NewBucket(row.Kind^2, row.Space), name, value, "read as another kind")
	for cut := range value {
		refused(b, name, value[:cut], fmt.Sprint(cut, " bytes"))
	}
	for cut := range name {
		refused(b, name[:cut], value, fmt.Sprint(cut, " bytes of the name"))
	}
}

func TestAllocations(t *testing.T) {
	row := change.Row{Op: change.Put, Kind: change.Element, Space: 3, ID: 7, Expire: 5, Key: []byte("key"), Value: []byte("value")}
	b := NewBucket(change.Element, 3)
	buf, name := make([]byte, 0, 100), make([]byte, 0, 100)
	var got change.Row
	allocs := testing.AllocsPerRun(100, func() {
		buf = AppendRow(buf[:0], &row)
		_, _ = ReadRow(buf, &got)
		name = StoredName(name[:0], &row)
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
		{Op: change.Put, Kind: change.Element, Space: 2, ID: 1 << 40, Expire: 9, Key: []byte("field"), Value: []byte("v")},
		{Op: change.Delete, Kind: change.Element, ID: 1},
		{Op: change.Drop, Kind: change.Element, ID: 1<<64 - 1},
		{Op: change.Edit, Kind: change.Key, Space: 2, Offset: 1 << 30, Key: []byte("k"), Value: []byte("v")},
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
	buckets := []Bucket{NewBucket(change.Key, 1), NewBucket(change.Element, 1)}
	for _, b := range buckets {
		for _, key := range []string{"", "key", strings.Repeat("x", maxShortKey+1)} {
			r := change.Row{Op: change.Put, Kind: b.Kind, Space: 1, Expire: int64(len(key)), Key: []byte(key), Value: []byte("v")}
			if b.Kind == change.Element {
				r.ID = 5
			}
			name := StoredName(nil, &r)
			f.Add(name, b.AppendValue(nil, name, &r))
		}
	}
	f.Fuzz(func(t *testing.T, name, value []byte) {
		for _, b := range buckets {
			readAnyValue(t, b, name, value)
		}
	})
}

func readAnyValue(t *testing.T, b Bucket, name, value []byte) {
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
	if _, stored := b.Split(name); !bytes.Equal(StoredName(nil, &r), name) && stored[0] == longKey {
		t.Fatalf("key %q under name %q", r.Key, name)
	}
}
