package logging

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"kvd/internal/clock"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLinesAreJSONWithTheClocksTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	now := clock.NewManual(time.Date(2024, 5, 6, 7, 8, 9, 123e6, time.UTC))
	log, out, err := newLogger("notice", path, os.Stdout, now)
	if err != nil {
		t.Fatal(err)
	}
	part := log.With().Str("part", "persist").Logger()
	part.Info().Int("keys", 3).Msg("loaded")
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(read(t, path)), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"level": "info", "part": "persist", "keys": 3.0, "message": "loaded", "time": "2024-05-06T07:08:09.123Z"}
	for field, value := range want {
		if got[field] != value {
			t.Errorf("%s is %v, want %v", field, got[field], value)
		}
	}
}

func TestLevels(t *testing.T) {
	for word, want := range map[string]string{
		"debug": "trace debug info warn error", "verbose": "debug info warn error",
		"notice": "info warn error", "WARNING": "warn error", "nothing": "",
	} {
		path := filepath.Join(t.TempDir(), "log")
		log, out, err := New("notice", path)
		if err != nil {
			t.Fatal(err)
		}
		derived := log.With().Str("part", "x").Logger() // made before the change of level
		if err := out.SetLevel(word); err != nil {
			t.Fatal(err)
		}
		for level := zerolog.TraceLevel; level <= zerolog.ErrorLevel; level++ {
			derived.WithLevel(level).Msg("m")
		}
		_ = out.Close()
		var got []string
		for line := range strings.Lines(read(t, path)) {
			var fields struct{ Level string }
			if err := json.Unmarshal([]byte(line), &fields); err != nil {
				t.Fatal(err)
			}
			got = append(got, fields.Level)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: logged %v, want %s", word, got, want)
		}
	}
}

func TestUnknownLevel(t *testing.T) {
	if _, _, err := New("loud", ""); err == nil || !strings.Contains(err.Error(), "notice") {
		t.Errorf("the error does not say what is allowed: %v", err)
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	path, moved := filepath.Join(dir, "log"), filepath.Join(dir, "log.1")
	log, out, err := New("notice", path)
	if err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("first")
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("second")
	if err := out.Reopen(); err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("third")
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if text := read(t, moved); strings.Count(text, "\n") != 2 {
		t.Errorf("the old file has %q", text)
	}
	if text := read(t, path); !strings.Contains(text, "third") || strings.Count(text, "\n") != 1 {
		t.Errorf("the new file has %q", text)
	}
}

func TestReopenKeepsTheOldFileOnFailure(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	log, out, err := New("notice", filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, dir+"2"); err != nil {
		t.Fatal(err)
	}
	if err := out.Reopen(); err == nil {
		t.Fatal("reopened a file in a directory that is gone")
	}
	log.Info().Msg("still here")
	_ = out.Close()
	if !strings.Contains(read(t, filepath.Join(dir+"2", "log")), "still here") {
		t.Error("the line is lost")
	}
}

func TestPipesGetJSON(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	log, out, err := newLogger("notice", "", w, &clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("m")
	if err := out.Reopen(); err != nil { // nothing to do
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("open\n"); err != nil { // and not closed
		t.Fatal(err)
	}
	_ = w.Close()
	var line json.RawMessage
	if err := json.NewDecoder(r).Decode(&line); err != nil {
		t.Error(err)
	}
	_ = r.Close()
}
