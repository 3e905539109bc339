package persist_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kvd/internal/change"
	"kvd/persist"
)

func keyRow(key, value string) change.Row {
	return change.Row{Op: change.Put, Kind: change.Key, Type: change.String, Key: []byte(key), Value: []byte(value)}
}

// keysOf lists the keys of a view with their values.
func keysOf(t *testing.T, v *persist.View) (list []string) {
	t.Helper()
	err := v.Keys(0, func(row *change.Row) error {
		list = append(list, string(row.Key)+"="+string(row.Value))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func view(t *testing.T, s *persist.Store, spool persist.Spool) *persist.View {
	t.Helper()
	v, err := s.View(context.Background(), spool)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A view shows one moment, whatever is written after it, from the file itself and
// from a copy.
func TestViewStandsStill(t *testing.T) {
	for name, above := range map[string]int64{"file": 1 << 40, "copy": 0} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, small(t.TempDir()))
			submit(s, keyRow("a", "1"), keyRow("b", "1"))
			seq := submit(s, change.Row{Op: change.Put, Kind: change.Element, ID: 7, Key: []byte("e"), Value: []byte("v")})
			v := view(t, s, persist.Spool{Above: above, Dir: dir})
			submit(s, keyRow("b", "2"), keyRow("c", "2"))
			if err := s.Checkpoint(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := keysOf(t, v); !slices.Equal(got, []string{"a=1", "b=1"}) || v.Seq() != seq {
				t.Errorf("keys %q of write %d, want those of %d", got, v.Seq(), seq)
			}
			elements := 0
			err := v.Elements(0, 7, func(*change.Row) error {
				elements++
				return nil
			})
			if spaces, spacesErr := v.Spaces(); err != nil || spacesErr != nil || elements != 1 || !slices.Equal(spaces, []uint32{0}) {
				t.Errorf("%d elements, spaces %v, %v, %v", elements, spaces, err, spacesErr)
			}
			if err := errors.Join(v.Close(), v.Close()); err != nil {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%d files are left of the copy", len(left))
			}
		})
	}
}

// built is a data file of n keys.
func built(t *testing.T, dir string, n int) *persist.Builder {
	t.Helper()
	b, err := persist.NewBuilder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Abandon)
	for i := range n {
		row := keyRow(fmt.Sprintf("new %06d", i), "v")
		if err := b.Put(&row); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func loaded(t *testing.T, s *persist.Store) (keys []string) {
	t.Helper()
	_, err := s.Load(1, func(row *change.Row) error {
		if row.Kind == change.Key {
			keys = append(keys, string(row.Key))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	return keys
}

func TestReplace(t *testing.T) {
	opts := small(t.TempDir())
	s := open(t, opts)
	submit(s, keyRow("old", "v"))
	const n = 120_000 // more than one transaction
	if err := s.Replace(built(t, opts.Dir, n)); err != nil {
		t.Fatal(err)
	}
	if keys := loaded(t, s); len(keys) != n || keys[0] != "new 000000" {
		t.Fatalf("%d keys", len(keys))
	}
	submit(s, keyRow("later", "v"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	requireSound(t, opts.Dir)
	if keys := loaded(t, open(t, opts)); len(keys) != n+1 || keys[0] != "later" {
		t.Errorf("%d keys after a restart", len(keys))
	}
}

// A replacement that fails leaves what there was, and what was built is removed.
func TestReplaceThatFails(t *testing.T) {
	full := errors.New("disk full")
	for _, p := range persist.BuildPoints() {
		t.Run(p.Name(), func(t *testing.T) {
			opts := small(t.TempDir())
			s := open(t, opts)
			submit(s, keyRow("old", "v"))
			if err := s.Flush(); err != nil {
				t.Fatal(err)
			}
			p.Set(func() error { return full })
			defer p.Set(nil)
			b, err := persist.NewBuilder(opts.Dir)
			for i := 0; err == nil && i < 120_000; i++ {
				row := keyRow(fmt.Sprint(i), "v")
				err = b.Put(&row)
			}
			if err == nil {
				err = s.Replace(b)
			}
			if !errors.Is(err, full) {
				t.Fatalf("error %v", err)
			}
			b.Abandon()
			if keys := loaded(t, s); !slices.Equal(keys, []string{"old"}) {
				t.Errorf("%d keys, of which the first is %.20q", len(keys), keys)
			}
			if list, _ := filepath.Glob(filepath.Join(opts.Dir, "*.tmp")); len(list) > 0 {
				t.Errorf("left: %s", strings.Join(list, " "))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			requireSound(t, opts.Dir)
		})
	}
}

func TestBuilderThatIsOnlyRead(t *testing.T) {
	dir := t.TempDir()
	b := built(t, dir, 3)
	v, err := b.View()
	if err != nil {
		t.Fatal(err)
	}
	if got := keysOf(t, v); len(got) != 3 {
		t.Errorf("keys %q", got)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	b.Abandon()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
}

func TestCompareKeys(t *testing.T) {
	long := strings.Repeat("z", 2000)
	for _, tt := range []struct {
		a, b string
		want int
	}{{"a", "b", -1}, {"a", "a", 0}, {"", "a", -1}, {long, "a", -1}, {long, long, 0}} {
		if got := persist.CompareKeys([]byte(tt.a), []byte(tt.b)); got != tt.want {
			t.Errorf("%.5q, %.5q: %d", tt.a, tt.b, got)
		}
	}
}
