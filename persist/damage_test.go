package persist_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"kvd/persist"
	"kvd/persist/codec"
	"kvd/persist/storetest"
)

// closedStore makes a directory with rows in the data file and others in the
// journal, closed cleanly, and says what is in it.
func closedStore(t *testing.T) (dir string, want storetest.Model) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, small(dir))
	rng := rand.New(rand.NewPCG(3, 0))
	m := newMemory(t, s)
	for i := range 300 {
		set := randomSet(rng.IntN)
		set.Rows = append(set.Rows, storetest.Put(uint32(5+i%3), fmt.Sprint("only", i), strings.Repeat("v", i)))
		m.now.ApplySet(set)
		s.Submit(set)
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
		if i == 290 {
			if err := s.Checkpoint(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	failAt(point(t, "checkpoint.begin"), 1) // so that Close leaves the journal
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, m.now
}

// requireRefusedOr fails the test unless the directory is refused as damaged,
// by Open or by Load, or holds exactly what want does.
func requireRefusedOr(t *testing.T, dir, what string, want storetest.Model) (refused bool) {
	t.Helper()
	var log strings.Builder
	opts := small(dir)
	opts.Log = zerolog.New(&log).Level(zerolog.ErrorLevel)
	s, err := persist.Open(opts)
	var got storetest.Model
	if err == nil {
		got, err = storetest.Contents(s)
		defer s.Close()
	}
	if log.Len() > 0 {
		t.Fatalf("%s: what is returned is logged too: %s", what, &log)
	}
	var damage *persist.DamagedError
	switch {
	case errors.As(err, &damage):
		if damage.File == "" || damage.What == "" || strings.Contains(err.Error(), "\n") {
			t.Fatalf("%s: the error does not say enough: %v", what, err)
		}
		return true
	case err != nil && strings.Contains(err.Error(), "start a newer release"):
		return true
	case err != nil:
		t.Fatalf("%s: %v", what, err)
	}
	if diff := want.Diff(got); diff != "" {
		t.Fatalf("%s: opened, and %s", what, diff)
	}
	return false
}

// spoil writes a copy of the directory in which one file is changed.
func spoil(t *testing.T, dir, file string, change func([]byte) []byte) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	if err := os.CopyFS(image, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(image, file)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return image
}

// shrink cuts the unused room off the data file, so that copies are quick.
func shrink(t *testing.T, dir string) (pages int) {
	t.Helper()
	const page = 4096
	path := filepath.Join(dir, "data.db")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := len(data) / page
	for n > 0 && !strings.ContainsFunc(string(data[(n-1)*page:n*page]), func(r rune) bool { return r != 0 }) {
		n--
	}
	if err := os.Truncate(path, int64(n*page)); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDamagedData spoils each page of the data file in several ways.
func TestDamagedData(t *testing.T) {
	const page = 4096
	dir, want := closedStore(t)
	rng := rand.New(rand.NewPCG(4, 0))
	refused, pages := 0, shrink(t, dir)
	for id := range pages {
		at := id * page
		for name, change := range map[string]func([]byte) []byte{
			"truncated": func(b []byte) []byte { return b[:at] },
			"zero":      func(b []byte) []byte { clear(b[at : at+page]); return b },
			"ones":      func(b []byte) []byte { copy(b[at:at+page], strings.Repeat("\xff", page)); return b },
			"bit":       func(b []byte) []byte { b[at+rng.IntN(page)] ^= 1 << rng.IntN(8); return b },
			"header":    func(b []byte) []byte { b[at+rng.IntN(96)] ^= 1 << rng.IntN(8); return b },
		} {
			if requireRefusedOr(t, spoil(t, dir, "data.db", change), fmt.Sprint("page ", id, " ", name), want) {
				refused++
			}
		}
	}
	if refused < 2*pages {
		t.Errorf("%d of %d images were refused", refused, 5*pages)
	}
}

// TestDamagedJournal flips bits all over a journal that was closed cleanly.
func TestDamagedJournal(t *testing.T) {
	dir, want := closedStore(t)
	shrink(t, dir)
	list, err := fs.Glob(os.DirFS(dir), "journal/*.log")
	if err != nil || len(list) == 0 {
		t.Fatalf("no journal: %v", err)
	}
	for _, file := range append(list, "MANIFEST") {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		step := max(int(info.Size())/60, 1)
		for at := 0; at < int(info.Size()); at += step {
			what := fmt.Sprintf("%s, byte %d flipped", file, at)
			image := spoil(t, dir, file, func(b []byte) []byte { b[at] ^= 0x10; return b })
			if !requireRefusedOr(t, image, what, want) {
				t.Errorf("%s: not noticed", what)
			}
			what = fmt.Sprintf("%s, cut at %d", file, at)
			image = spoil(t, dir, file, func(b []byte) []byte { return b[:at] })
			if !requireRefusedOr(t, image, what, want) {
				t.Errorf("%s: not noticed", what)
			}
		}
	}
}

// TestMissingFiles: no file can go without a word.
func TestMissingFiles(t *testing.T) {
	dir, want := closedStore(t)
	shrink(t, dir)
	for _, file := range []string{"data.db", "MANIFEST", "journal"} {
		image := filepath.Join(t.TempDir(), "image")
		if err := os.CopyFS(image, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(image, file)); err != nil {
			t.Fatal(err)
		}
		if !requireRefusedOr(t, image, file+" is missing", want) {
			t.Errorf("%s is missing and it opens", file)
		}
		report, err := persist.Check(t.Context(), image)
		if err != nil || len(report.Faults) == 0 {
			t.Errorf("%s is missing: Check finds %v, %v", file, report.Faults, err)
		}
	}
}

// TestMissingJournal: it is missed too when nothing has been folded and the
// manifest is as it was in the beginning.
func TestMissingJournal(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	submit(s, storetest.Put(0, "a", "1"))
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"journal", "journal/" + firstSegment(t, dir)} {
		image := filepath.Join(t.TempDir(), "image")
		if err := os.CopyFS(image, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(image, file)); err != nil {
			t.Fatal(err)
		}
		if !requireRefusedOr(t, image, file+" is missing", nil) {
			t.Errorf("%s is missing and it opens", file)
		}
	}
}

// TestOldMeta: a data file that has lost its newest meta page opens in bbolt as
// it was before the last commits; here it is refused.
func TestOldMeta(t *testing.T) {
	dir, want := closedStore(t)
	shrink(t, dir)
	refused := 0
	for id := range 2 {
		image := spoil(t, dir, "data.db", func(b []byte) []byte { clear(b[id*4096 : (id+1)*4096]); return b })
		if requireRefusedOr(t, image, "meta page zeroed", want) {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d of 2 meta pages count", refused)
	}
}

// TestNewerFormat is refused by name before anything is written.
func TestNewerFormat(t *testing.T) {
	dir, _ := closedStore(t)
	shrink(t, dir)
	image := spoil(t, dir, "journal/"+firstSegment(t, dir), func(b []byte) []byte {
		b[8] = 9
		binary.LittleEndian.PutUint32(b[28:], codec.Sum(0, b[:28]))
		return b
	})
	if _, err := persist.Open(small(image)); err == nil || !strings.Contains(err.Error(), "journal format 9") {
		t.Errorf("Open: %v", err)
	}
}

func firstSegment(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "journal"))
	if err != nil || len(entries) == 0 {
		t.Fatalf("no journal: %v", err)
	}
	return entries[0].Name()
}

// TestCheckReportsAll: each spoiled row is named.
func TestCheckReportsAll(t *testing.T) {
	dir, _ := closedStore(t)
	report := requireSound(t, dir)
	if report.Rows < 290 || report.Journal.Rows < 9 || report.Transaction == 0 {
		t.Errorf("report %+v", report)
	}
	spoiled := 0
	image := spoil(t, dir, "data.db", func(b []byte) []byte {
		text := string(b)
		for _, i := range []int{201, 202, 203} {
			mark := fmt.Sprint("konly", i)
			for from := 0; ; {
				at := strings.Index(text[from:], mark)
				if at < 0 {
					break
				}
				from += at + len(mark)
				b[from+50] ^= 1
				spoiled++
			}
		}
		return b
	})
	report, err := persist.Check(context.Background(), image)
	if err != nil || len(report.Faults) < 3 || len(report.Faults) > spoiled {
		t.Errorf("%d rows spoiled: %v, %v", spoiled, report.Faults, err)
	}
	if _, err := persist.Check(t.Context(), filepath.Join(dir, "none")); err == nil {
		t.Error("a directory that does not exist is sound")
	}
}
