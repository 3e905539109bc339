package pages

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"kvd/persist/codec"
	"kvd/persist/disk"
)

// sample makes a data file with pages of every kind: branches two levels deep,
// overflow pages, buckets of one page, of many and none of their own.
func sample(t testing.TB, noFreelistSync bool) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: noFreelistSync, PageSize: 1024})
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{3, 60, 700} {
		err = db.Update(func(tx *bbolt.Tx) error {
			top, err := tx.CreateBucketIfNotExists([]byte("spaces"))
			if err != nil {
				return err
			}
			b, err := top.CreateBucketIfNotExists(fmt.Append(nil, "bucket", rows))
			if err != nil {
				return err
			}
			for i := range rows {
				value := bytes.Repeat([]byte{byte(i)}, i%7*i/2)
				if err := b.Put(fmt.Appendf(nil, "key %04d", i), value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// check opens and checks a file, as a store does before bbolt sees it.
func check(path string) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return disk.Guard(func() error { return f.Check(nil) })
}

func TestSound(t *testing.T) {
	for _, noFreelistSync := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "data.db")
		if err := os.WriteFile(path, sample(t, noFreelistSync), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := check(path); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := contents(f)
		if err != nil {
			t.Fatal(err)
		}
		if want := boltContents(t, path); got != want || len(got) < 1000 {
			t.Errorf("read %d bytes that differ from the %d that bbolt reads", len(got), len(want))
		}
	}
}

// contents lists what is in the buckets in spaces.
func contents(f *File) (string, error) {
	var out bytes.Buffer
	tops, err := f.Root().Buckets()
	if err != nil || len(tops) != 1 {
		return "", errors.Join(err, fmt.Errorf("%d buckets", len(tops)))
	}
	list, err := tops[0].Buckets()
	if err != nil {
		return "", err
	}
	for _, b := range list {
		leaves, err := b.Leaves()
		if err != nil {
			return "", err
		}
		for _, leaf := range leaves {
			err := leaf.Each(func(k, v []byte) error {
				fmt.Fprintf(&out, "%s %s %x\n", b.Name, k, v)
				return nil
			})
			if err != nil {
				return "", err
			}
		}
	}
	return out.String(), nil
}

// boltContents is contents by way of bbolt.
func boltContents(t testing.TB, path string) string {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out bytes.Buffer
	err = db.View(func(tx *bbolt.Tx) error {
		top := tx.Bucket([]byte("spaces"))
		if top == nil {
			return nil
		}
		return top.ForEachBucket(func(name []byte) error {
			return top.Bucket(name).ForEach(func(k, v []byte) error {
				fmt.Fprintf(&out, "%s %s %x\n", name, k, v)
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// damages changes a file in ways that disks and people do.
func damages(data []byte, rng *rand.Rand) []byte {
	const page = 1024
	data = bytes.Clone(data)
	at := rng.IntN(len(data)/page) * page
	part := data[at : at+page]
	switch rng.IntN(7) {
	case 0:
		return data[:at]
	case 1:
		clear(part)
	case 2:
		for i := range part {
			part[i] = 0xFF
		}
	case 3:
		part[rng.IntN(headerSize)] ^= 1 << rng.IntN(8)
	case 4:
		part[headerSize+rng.IntN(200)] ^= 1 << rng.IntN(8)
	case 5:
		copy(part, data[rng.IntN(len(data)/page)*page:][:page])
	default:
		for range 1 + rng.IntN(4) {
			part[rng.IntN(page)] = byte(rng.Uint32())
		}
	}
	return data
}

// TestDamage: whatever is done to the file, it is refused with the place or
// bbolt can read it.
func TestDamage(t *testing.T) {
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, 0))
	sound := sample(t, true)
	path := filepath.Join(t.TempDir(), "data.db")
	refused := 0
	for i := range 300 {
		if err := os.WriteFile(path, damages(sound, rng), 0o600); err != nil {
			t.Fatal(err)
		}
		err := check(path)
		var damage *codec.DamagedError
		switch {
		case err == nil:
			boltContents(t, path)
		case !errors.As(err, &damage):
			t.Fatalf("seed %d, image %d: %v", seed, i, err)
		default:
			refused++
		}
	}
	if refused < 50 {
		t.Errorf("only %d of 300 were refused", refused)
	}
}

// TestReportAll: a report that goes on hears of each damaged page.
func TestReportAll(t *testing.T) {
	data := sample(t, true)
	path := filepath.Join(t.TempDir(), "data.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := 0
	for id := uint64(2); id < f.meta.pages && broken < 3; id++ {
		if p, err := f.page(id); err == nil && p.flags == leafFlag && p.count == 6 {
			data[p.off] ^= 0xFF
			broken++
		}
	}
	_ = f.Close()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err = Open(path); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var faults []error
	if err := f.Check(func(err error) bool { faults = append(faults, err); return true }); err != nil {
		t.Error(err)
	}
	if len(faults) < broken || broken == 0 {
		t.Errorf("%d pages damaged, reported: %v", broken, faults)
	}
}

func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{"empty": {}, "text": bytes.Repeat([]byte("text"), 2000), "short": make([]byte, 100)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var damage *codec.DamagedError
		if err := check(path); !errors.As(err, &damage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzCheck changes eight bytes of a file anywhere.
func FuzzCheck(f *testing.F) {
	sound := sample(f, true)
	for _, at := range []uint32{0, 16, 1024, 3 * 1024, 3*1024 + 20, 40 * 1024} {
		f.Add(at, uint64(1)<<40|7, uint32(1<<30))
	}
	f.Fuzz(func(t *testing.T, at uint32, change uint64, size uint32) {
		data := bytes.Clone(sound[:min(int(size), len(sound))])
		for i := range 8 {
			if at := int(at) + i; at < len(data) {
				data[at] ^= byte(change >> (8 * i))
			}
		}
		path := filepath.Join(t.TempDir(), "data.db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if check(path) == nil {
			boltContents(t, path)
			g, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			_, _ = contents(g)
		}
	})
}
