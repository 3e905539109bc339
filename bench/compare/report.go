package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
)

// report is the outcome of a run.
type report struct {
	Date    time.Time
	Quick   bool
	Rounds  int
	Load    string // what made the load
	Machine machine
	Targets []subject
	Rows    []row
}

// subject is a server that was measured.
type subject struct{ Name, Version string }

// name is the base of the report's file names: its day.
func (r report) name() string {
	if r.Quick {
		return r.Date.Format(time.DateOnly) + "-quick"
	}
	return r.Date.Format(time.DateOnly)
}

const fileMode, dirMode = 0o644, 0o755

// write writes the report, its charts and, below raw, its figures.
func (r report) write(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "raw"), dirMode); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	figures, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	files := map[string][]byte{
		r.name() + ".md":                         []byte(r.markdown()),
		filepath.Join("raw", r.name()) + ".json": figures,
	}
	for _, c := range r.charts() {
		files[c.file] = []byte(c.svg())
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, fileMode); err != nil {
			return fmt.Errorf("results: %w", err)
		}
	}
	return nil
}

// readReport reads the figures of an earlier run.
func readReport(path string) (r report, err error) {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return r, fmt.Errorf("figures of an earlier run: %w", err)
	}
	return r, nil
}

// charts are the charts for which there are figures, in the order of the rows.
func (r report) charts() (list []chart) {
	for _, row := range r.Rows {
		if row.Chart == "" || !row.measured() {
			continue
		}
		i := slices.IndexFunc(list, func(c chart) bool { return c.title == row.Chart })
		if i < 0 {
			i = len(list)
			list = append(list, chart{title: row.Chart, unit: row.Unit, file: r.name() + "-" + slug(row.Chart) + ".svg"})
		}
		g := group{name: strings.ReplaceAll(row.Name, "`", "")}
		for _, t := range r.Targets {
			g.bars = append(g.bars, bar{name: t.Name, value: row.Values[t.Name].median()})
		}
		list[i].groups = append(list[i].groups, g)
	}
	return list
}

// measured reports whether any target has a value.
func (r row) measured() bool {
	for _, s := range r.Values {
		if len(s) > 0 {
			return true
		}
	}
	return false
}

// slug makes a file name of a title: its letters and digits.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}

// Markers of the block in a README that rewriteReadme replaces.
const (
	blockStart = "<!-- bench -->"
	blockEnd   = "<!-- /bench -->"
)

// rewriteReadme puts the short table between the markers of a file. Results is
// where the reports are, as a path from the file's directory.
func rewriteReadme(path string, r report, results string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("option readme: %w", err)
	}
	changed, err := replaceBlock(string(text), r.short(results))
	if err != nil {
		return fmt.Errorf("option readme: %s: %w", path, err)
	}
	if err := os.WriteFile(path, []byte(changed), fileMode); err != nil {
		return fmt.Errorf("option readme: %w", err)
	}
	return nil
}

// replaceBlock replaces what stands between the markers.
func replaceBlock(text, block string) (string, error) {
	before, rest, ok := strings.Cut(text, blockStart)
	_, after, closed := strings.Cut(rest, blockEnd)
	if !ok || !closed {
		return "", errors.New("no lines " + blockStart + " and " + blockEnd)
	}
	return before + blockStart + "\n" + block + blockEnd + after, nil
}
