// Package logging sets up the server's log: lines for people on a terminal,
// JSON anywhere else.
//
// Invariant: there is no global logger and no global level. New gives the
// logger that is handed to constructors, and the Output behind it, through
// which level and file change while the server runs.
package logging

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"kvd/internal/clock"
)

// Output is where the log goes and how much of it. It is safe for use by
// several goroutines.
type Output struct {
	clock clock.Clock
	level atomic.Int32 // a zerolog.Level
	path  string       // "": standard output, which is not ours to close

	mu   sync.Mutex // held over a write, so that lines and files do not mix
	file *os.File
}

// New returns a logger at a level in redis.conf's words (see ParseLevel) that
// adds to the file at path, or writes to standard output if path is empty. The
// Output is to be closed at the end.
func New(level, path string) (zerolog.Logger, *Output, error) {
	return newLogger(level, path, os.Stdout, &clock.System{})
}

func newLogger(level, path string, standard *os.File, now clock.Clock) (zerolog.Logger, *Output, error) {
	o := &Output{clock: now, path: path, file: standard}
	if err := o.SetLevel(level); err != nil {
		return zerolog.Nop(), nil, err
	}
	if path != "" {
		file, err := open(path)
		if err != nil {
			return zerolog.Nop(), nil, err
		}
		o.file = file
	}

	var w io.Writer = o
	if path == "" && isTerminal(standard) {
		w = zerolog.ConsoleWriter{Out: o, TimeFormat: "15:04:05.000"}
	}
	return zerolog.New(w).Level(zerolog.TraceLevel).Hook(o), o, nil
}

// ParseLevel finds the level of a redis.conf word: debug, verbose, notice,
// warning or nothing. Notice is zerolog's Info.
func ParseLevel(word string) (zerolog.Level, error) {
	switch strings.ToLower(word) {
	case "debug":
		return zerolog.TraceLevel, nil
	case "verbose":
		return zerolog.DebugLevel, nil
	case "notice":
		return zerolog.InfoLevel, nil
	case "warning":
		return zerolog.WarnLevel, nil
	case "nothing":
		return zerolog.Disabled, nil
	}
	return zerolog.NoLevel, fmt.Errorf("log level %q is not one of debug, verbose, notice, warning, nothing", word)
}

// SetLevel changes how much is logged, for every logger that New's was the
// origin of. An unknown word changes nothing.
func (o *Output) SetLevel(word string) error {
	level, err := ParseLevel(word)
	if err != nil {
		return err
	}
	o.level.Store(int32(level))
	return nil
}

// Run implements zerolog.Hook: it drops what is below the level and stamps the
// rest.
func (o *Output) Run(e *zerolog.Event, level zerolog.Level, _ string) {
	if level < zerolog.Level(o.level.Load()) {
		e.Discard()
		return
	}
	e.Str(zerolog.TimestampFieldName, o.clock.Now().Format("2006-01-02T15:04:05.000Z07:00"))
}

// Write implements io.Writer. It takes whole lines.
func (o *Output) Write(line []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.file.Write(line)
}

// Reopen opens the file anew, so that a log that was moved away gets a
// successor; the server calls it on SIGHUP. If that fails the old file stays in
// use.
func (o *Output) Reopen() error {
	if o.path == "" {
		return nil
	}
	file, err := open(o.path)
	if err != nil {
		return err
	}
	o.mu.Lock()
	old := o.file
	o.file = file
	o.mu.Unlock()
	if err := old.Close(); err != nil {
		return fmt.Errorf("closing the old log file: %w", err)
	}
	return nil
}

// Close closes the file. Standard output stays open.
func (o *Output) Close() error {
	if o.path == "" {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.file.Close(); err != nil {
		return fmt.Errorf("closing the log file: %w", err)
	}
	return nil
}

func open(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("opening the log file: %w", err)
	}
	return file, nil
}

// isTerminal reports whether f is a character device, which a pipe, a socket
// and a file are not.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
