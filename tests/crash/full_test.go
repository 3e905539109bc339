package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

// A full disk: writes are refused, reads go on, what was acknowledged stays, and
// when there is room again writes are taken without a restart.
func TestFullDisk(t *testing.T) {
	for _, mode := range []string{"always", "everysec"} {
		t.Run(mode, func(t *testing.T) {
			dir := smallDisk(t, 16<<20)
			ballast := filepath.Join(dir, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 6<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			s := blackbox.Start(t, blackbox.Options{
				Dir: filepath.Join(dir, "data"), Args: append([]string{"--appendfsync", mode}, small...),
			})
			w := &filler{t: t, s: s, stored: map[string]string{}}
			w.fill()
			reader := w.reader()
			for key, value := range w.stored {
				if v := reader.Must(t, "GET", key); v.Text != value {
					t.Fatalf("%s while the disk is full: %.50s", key, v)
				}
			}
			if v := reader.Must(t, "SET", "refused", "x"); !strings.HasPrefix(v.Text, "MISCONF ") {
				t.Errorf("SET while the disk is full: %s", v)
			}
			reader.Want(t, "(nil)", "GET", "refused")

			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			blackbox.Eventually(t, blackbox.Patience, "writes are taken again", func() bool { return w.set("after", "room") })
			w.verify(s)
			s.Kill()
			sound(t, s.Dir)
			w.verify(s.Restart())
		})
	}
}

// filler writes until the disk is full.
type filler struct {
	t      *testing.T
	s      *blackbox.Server
	c      *blackbox.Client
	stored map[string]string // what was acknowledged
	unsure map[string]bool   // keys of writes whose connection was closed
}

// fill writes until it is told that the disk takes no more.
func (w *filler) fill() {
	w.t.Helper()
	w.unsure = map[string]bool{}
	deadline := time.Now().Add(blackbox.Patience)
	for i := 0; ; i++ {
		key, value := fmt.Sprint("key", i), strings.Repeat(fmt.Sprint(i, " "), 3000)
		if !w.set(key, value) && w.s.Log.Has("no space left") {
			if v, err := w.s.Client(w.t).Do("SET", "probe", "x"); err == nil && strings.HasPrefix(v.Text, "MISCONF ") {
				return
			}
		}
		if time.Now().After(deadline) {
			w.t.Fatal("the disk does not fill up")
		}
	}
}

// reader connects once reads go on. Until the server has forgotten what the disk
// refused, a client that asks for it is sent away.
func (w *filler) reader() *blackbox.Client {
	w.t.Helper()
	var c *blackbox.Client
	blackbox.Eventually(w.t, blackbox.Patience, "reads go on", func() bool {
		c = w.s.Client(w.t)
		for key := range w.stored {
			if _, err := c.Do("GET", key); err != nil {
				return false
			}
		}
		return true
	})
	return c
}

// set writes one key and reports whether that was acknowledged.
func (w *filler) set(key, value string) bool {
	if w.c == nil {
		w.c = w.s.Client(w.t)
	}
	v, err := w.c.Do("SET", key, value)
	if err != nil {
		w.unsure[key] = true
		w.c = nil
		return false
	}
	if v.String() == ok {
		w.stored[key] = value
		delete(w.unsure, key)
	}
	return v.String() == ok
}

// verify reads back what was acknowledged, and looks for what was refused.
func (w *filler) verify(s *blackbox.Server) {
	w.t.Helper()
	c := s.Client(w.t)
	for key, value := range w.stored {
		if v := c.Must(w.t, "GET", key); v.Text != value {
			w.t.Errorf("%s: %.50s, want %d bytes", key, v, len(value))
		}
	}
	if n := int(c.Must(w.t, "DBSIZE").Int()); n < len(w.stored) || n > len(w.stored)+len(w.unsure)+1 {
		w.t.Errorf("%d keys; %d were acknowledged, %d may be there", n, len(w.stored), len(w.unsure))
	}
}
