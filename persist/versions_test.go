package persist_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"kvd/internal/change"
	"kvd/internal/fail"
	"kvd/persist"
)

// versionRow returns the row of a version.
func versionRow(space uint32, key string, number uint64, content string) change.Row {
	return change.Row{
		Op: change.Put, Kind: change.History, Type: change.JSON, Space: space, Key: []byte(key), ID: number,
		Value: change.AppendVersion(nil, fmt.Append(nil, "info", number), []byte(content)),
	}
}

func deleteVersion(space uint32, key string, number uint64) change.Row {
	return change.Row{Op: change.Delete, Kind: change.History, Space: space, Key: []byte(key), ID: number}
}

// versionModel is versions in maps.
type versionModel struct {
	values map[string]map[uint64][]byte // by space and key
	last   map[string]uint64
	keys   []string
}

func (m *versionModel) apply(r *change.Row) {
	at := fmt.Sprint(r.Space, "/", string(r.Key))
	if r.Op == change.Delete {
		delete(m.values[at], r.ID)
		return
	}
	if m.values[at] == nil {
		m.values[at] = map[uint64][]byte{}
	}
	m.values[at][r.ID] = bytes.Clone(r.Value)
}

// draw draws a change of a version.
func (m *versionModel) draw(rnd *rand.Rand) change.Row {
	space := uint32(rnd.IntN(2))
	key := m.keys[rnd.IntN(len(m.keys))]
	at := fmt.Sprint(space, "/", key)
	switch n := rnd.IntN(40); {
	case n < 8:
		return deleteVersion(space, key, 1+rnd.Uint64N(m.last[at]+1))
	case n == 8 && m.last[at] > 0:
		return versionRow(space, key, 1+rnd.Uint64N(m.last[at]), "")
	}
	m.last[at]++
	text := strings.Repeat(fmt.Sprintf(`"name":"value %d",`, rnd.IntN(4)), rnd.IntN(30))
	return versionRow(space, key, m.last[at], text+fmt.Sprint(m.last[at]))
}

func (m *versionModel) compare(t *testing.T, s *persist.Store) {
	t.Helper()
	for at, last := range m.last {
		space, key := uint32(at[0]-'0'), at[2:]
		var floor uint64
		for number := range last + 2 {
			want, ok := m.values[at][number]
			if ok {
				floor = number
			}
			got, err := s.ReadVersion(space, []byte(key), number)
			info, infoErr := s.ReadVersionInfo(space, []byte(key), number)
			if err != nil || infoErr != nil || got.Number != floor || info.Number != floor || ok && !bytes.Equal(got.Value, want) {
				t.Fatalf("version %d of %.20q: %d and %d %.60q, %v, %v; want %d %.60q", number, at, got.Number, info.Number, got.Value, err, infoErr, floor, want)
			}
		}
	}
}

// versionRuns is how many stores TestVersionsModel goes through: each syncs often.
const versionRuns = 12

// TestVersionsModel: whatever the order of versions, deletions, checkpoints, some
// of them cut short, and restarts, each version reads as it was submitted.
func TestVersionsModel(t *testing.T) {
	commit := point(t, "checkpoint.commit")
	for seed := range uint64(versionRuns) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { playVersions(t, rand.New(rand.NewPCG(seed, 1)), commit) })
	}
}

func playVersions(t *testing.T, rnd *rand.Rand, commit *fail.Point) {
	opts := small(t.TempDir())
	opts.Fsync, opts.SegmentBytes, opts.WindowRows, opts.BatchRows = persist.Never, 4<<10, 40, 15
	s := open(t, opts)
	m := &versionModel{
		values: map[string]map[uint64][]byte{}, last: map[string]uint64{},
		keys: []string{"key", "key\x00\x00\x00\x00\x00\x01", strings.Repeat("long", 400)},
	}
	for range 12 {
		switch rnd.IntN(6) {
		case 0:
			checkpoint(t, s)
		case 1:
			left := rnd.IntN(6)
			commit.Set(func() error {
				if left--; left < 0 {
					return errors.New("cut short")
				}
				return nil
			})
			_ = s.Checkpoint(t.Context())
			commit.Set(nil)
		case 2:
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, opts)
			if _, err := s.Load(1, func(*change.Row) error { return nil }); err != nil {
				t.Fatal(err)
			}
		default:
			set := &change.Set{}
			for range 1 + rnd.IntN(40) {
				set.Rows = append(set.Rows, m.draw(rnd))
				m.apply(&set.Rows[len(set.Rows)-1])
			}
			s.Submit(set)
			if err := s.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		m.compare(t, s)
	}
	checkpoint(t, s)
	m.compare(t, s)
}

func checkpoint(t *testing.T, s *persist.Store) {
	t.Helper()
	if err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestDroppedVersions: versions go with their key space, and rows of kind Head too.
func TestDroppedVersions(t *testing.T) {
	s := open(t, small(t.TempDir()))
	head := change.Row{Op: change.Put, Kind: change.Head, Space: 7, Key: []byte("key"), Value: []byte("head")}
	submit(s, versionRow(7, "key", 1, "x"), versionRow(8, "key", 1, "x"), head)
	checkpoint(t, s)
	heads := func() (n int) {
		if _, err := s.Load(1, func(r *change.Row) error {
			if r.Kind == change.Head {
				n++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := heads(); n != 1 {
		t.Errorf("%d heads", n)
	}
	submit(s, change.Row{Op: change.Drop, Kind: change.Key, Space: 7})
	checkpoint(t, s)
	for space, want := range map[uint32]uint64{7: 0, 8: 1} {
		if v, err := s.ReadVersion(space, []byte("key"), 9); err != nil || v.Number != want {
			t.Errorf("space %d has version %d, %v", space, v.Number, err)
		}
	}
	if n := heads(); n != 0 {
		t.Errorf("%d heads are left", n)
	}
}

// TestDamagedVersion: a version that was changed on disk is never shown.
func TestDamagedVersion(t *testing.T) {
	opts := small(t.TempDir())
	s := open(t, opts)
	for n := range uint64(3) {
		submit(s, versionRow(0, "key", n+1, strings.Repeat("content", 20)+fmt.Sprint(n)))
	}
	checkpoint(t, s)
	row := versionRow(0, "key", 4, "")
	row.Value = []byte{200}
	submit(s, row)
	if err := s.Checkpoint(t.Context()); err == nil || !strings.Contains(err.Error(), "version 4") {
		t.Errorf("a checkpoint of what is no version: %v", err)
	}
	got, err := s.ReadVersion(0, []byte("key"), 3)
	if err != nil || !bytes.HasSuffix(got.Value, []byte("content2")) {
		t.Errorf("%q, %v", got.Value, err)
	}
}
