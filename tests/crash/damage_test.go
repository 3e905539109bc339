package crash

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kvd/tests/blackbox"
)

// exitDamaged is the exit code of a server that refuses a damaged directory.
const exitDamaged = 3

// damage is one way to harm a file.
type damage struct {
	name string
	harm func(*rand.Rand, []byte) []byte
}

var damages = []damage{
	{"flip a bit", func(r *rand.Rand, b []byte) []byte { b[r.IntN(len(b))] ^= 1 << r.IntN(8); return b }},
	{"zero a page", func(r *rand.Rand, b []byte) []byte { clear(page(r, b)); return b }},
	{"fill a page", func(r *rand.Rand, b []byte) []byte {
		for i := range page(r, b) {
			page := page(r, b)
			page[i%len(page)] = 0xff
		}
		return b
	}},
	{"swap two pages", func(r *rand.Rand, b []byte) []byte {
		x, y := page(r, b), page(r, b)
		for i := range min(len(x), len(y)) {
			x[i], y[i] = y[i], x[i]
		}
		return b
	}},
	{"cut it short", func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] }},
	{"empty it", func(_ *rand.Rand, b []byte) []byte { return b[:0] }},
	{"another's file", func(*rand.Rand, []byte) []byte { return []byte(strings.Repeat("hello, world\n", 1000)) }},
	{"remove it", func(*rand.Rand, []byte) []byte { return nil }},
}

// page is a random page of the file.
func page(r *rand.Rand, b []byte) []byte {
	const size = 4096
	at := r.IntN((len(b)+size-1)/size) * size
	return b[at:min(at+size, len(b))]
}

// Whatever happens to a file, a start either refuses it in clear words or serves
// exactly what was stored.
func TestDamagedFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(seed(t), 3))
	s := blackbox.Start(t, blackbox.Options{})
	c := s.Client(t)
	fillDatabases(t, c)
	c.Want(t, "OK", "SAVE")
	fillDatabases(t, c) // this time the journal keeps it
	want := dump(t, c)
	s.Kill()
	killed := s.Dir
	stopped := t.TempDir()
	copyDir(t, killed, stopped)
	s = blackbox.Start(t, blackbox.Options{Dir: stopped})
	s.Stop()

	times := 1 + kills(t)/shortKills
	for from, dir := range map[string]string{"stopped": stopped, "killed": killed} {
		for _, name := range dataFiles(t, dir) {
			for _, d := range damages {
				for i := range times {
					t.Run(fmt.Sprintf("%s, %s: %s %d", from, name, d.name, i), func(t *testing.T) {
						broken := t.TempDir()
						copyDir(t, dir, broken)
						harm(t, filepath.Join(broken, name), d, rng)
						startDamaged(t, broken, name, want, from == "killed" && strings.HasPrefix(name, "journal"))
					})
				}
			}
		}
	}
}

// startDamaged starts a server on a damaged directory. The end of a journal that
// was being written at a kill can't be told from one that is damaged: mayLack
// allows that the last writes are missing.
func startDamaged(t *testing.T, dir, name string, want []string, mayLack bool) {
	t.Helper()
	s := blackbox.Launch(t, blackbox.Options{Dir: dir})
	if s.AwaitReady() {
		got := dump(t, s.Client(t))
		told := mayLack && s.Log.Has("cut off")
		if !told && !slices.Equal(got, want) {
			t.Errorf("it serves something else than was stored: %s", difference(got, want))
		}
		return
	}
	code, text := s.Wait(), strings.TrimSpace(s.Log.String())
	last := text[strings.LastIndex(text, "\n")+1:]
	if code != exitDamaged || strings.Count(text, "\n") > 1 || !strings.Contains(last, filepath.Join(dir, filepath.Dir(name))) {
		t.Errorf("exit code %d, want %d and a line that names the file:\n%s", code, exitDamaged, text)
	}
}

func harm(t *testing.T, path string, d damage, rng *rand.Rand) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := text
	if len(text) > 0 {
		changed = d.harm(rng, text)
	}
	if changed == nil {
		err = os.Remove(path)
	} else {
		err = os.WriteFile(path, changed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// dataFiles are the files of a directory, without the lock.
func dataFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".lock") {
			names = append(names, path)
		}
		return err
	})
	if err != nil || len(names) < 3 {
		t.Fatalf("the files of %s: %q, %v", dir, names, err)
	}
	return names
}

func copyDir(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
