package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kvd/internal/rediserr"
)

// Rewrite brings the configuration file up to date, as CONFIG REWRITE does.
// Lines that still say what holds stay as they are, with comments and order;
// the first line of an option that changed gets its new value, and options that
// the file did not have go to its end. The file is replaced whole or not at
// all.
func (l *Live) Rewrite() error {
	l.mu.Lock() // also over the disk: two rewrites must not mix, and no reader takes this lock
	defer l.mu.Unlock()

	c := l.current.Load().clone()
	for _, hook := range l.rewrites {
		hook(c)
	}
	if c.File == "" {
		return rediserr.New("The server is running without a config file")
	}
	old, err := os.ReadFile(c.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return rewriteFailed(err)
	}
	text, err := rewritten(string(old), c)
	if err != nil {
		return rewriteFailed(err)
	}
	if err := ReplaceFile(c.File, text); err != nil {
		return rewriteFailed(err)
	}
	return nil
}

func rewriteFailed(err error) error { return rediserr.Newf("Rewriting config file: %v", err) }

// rewriteMark stands above the lines that a rewrite added.
const rewriteMark = "# Added by CONFIG REWRITE"

// rewritten is the text of a file that gives the settings c, made from text.
func rewritten(text string, c *Config) (string, error) {
	l := newLoader()
	if err := l.lines(c.File, text); err != nil {
		return "", err
	}
	todo := differences(l.config, c)
	// A line in its old place would lose to an include after it.
	inPlace := l.files == 1

	var b strings.Builder
	written := map[*Param]bool{}
	for line := range strings.Lines(text) {
		words, err := directive(line)
		if err != nil {
			return "", err
		}
		var p *Param
		if len(words) > 0 {
			p = lookup(words[0])
		}
		switch _, changed := todo[p]; {
		case p == nil || !changed:
			b.WriteString(strings.TrimRight(line, "\n") + "\n")
		case inPlace && !written[p]:
			written[p] = true
			writeLines(&b, p, todo[p])
		}
	}
	appendRest(&b, text, todo, written)
	return b.String(), nil
}

// differences are the options that have, with c, other lines than with what the
// file gives now.
func differences(file, c *Config) map[*Param][][]string {
	todo := map[*Param][][]string{}
	for i := range params {
		p := &params[i]
		lines := p.set.lines(c, p.Name)
		if !slices.EqualFunc(lines, p.set.lines(file, p.Name), slices.Equal) {
			todo[p] = lines
		}
	}
	return todo
}

// appendRest adds the options that were not written in place.
func appendRest(b *strings.Builder, text string, todo map[*Param][][]string, written map[*Param]bool) {
	marked := strings.Contains(text, rewriteMark)
	for i := range params {
		p := &params[i]
		lines, changed := todo[p]
		if !changed || written[p] {
			continue
		}
		if !marked {
			marked = true
			b.WriteString(rewriteMark + "\n")
		}
		writeLines(b, p, lines)
	}
}

func writeLines(b *strings.Builder, p *Param, lines [][]string) {
	for _, words := range lines {
		b.WriteString(p.Name)
		for _, w := range words {
			b.WriteByte(' ')
			b.WriteString(quoteWord(w))
		}
		b.WriteByte('\n')
	}
}

// ReplaceFile writes a file beside name, forces it to disk and puts it in the
// place of name, whose permissions it takes over.
func ReplaceFile(name, text string) (err error) {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, filepath.Base(name)+".*.tmp")
	if err != nil {
		return fmt.Errorf("creating a new file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if old, statErr := os.Stat(name); statErr == nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			return fmt.Errorf("setting permissions: %w", err)
		}
	}
	if _, err := f.WriteString(text); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("closing: %w", err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("renaming: %w", err)
	}
	return syncDir(dir)
}

// syncDir makes a rename in dir survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("opening the directory: %w", err)
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("syncing the directory: %w", err)
	}
	return nil
}
