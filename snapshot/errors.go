package snapshot

import (
	"context"
	"errors"

	"kvd/internal/rediserr"
	"kvd/snapshot/archive"
)

var (
	errMemory    = rediserr.New("snapshots need data on disk: the server runs with appendonly no")
	errCancelled = rediserr.New("the job was cancelled")
	errNoKeep    = rediserr.New("PRUNE needs at least one KEEP rule")
	errName      = rediserr.New("a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -")
)

func errNotFound(id string) error { return codedf("NOTFOUND", "no snapshot '%s'", id) }

func errNoTarget(name string) error { return codedf("NOTFOUND", "no snapshot target '%s'", name) }

// codedf is rediserr.Newf with a code.
func codedf(code, format string, args ...any) error {
	return rediserr.Coded(code, rediserr.Newf(format, args...).Text)
}

// ClientError returns err as a client is told it.
func ClientError(err error) error {
	var (
		known   *rediserr.Error
		unsafe  *archive.UnsafeError
		damaged *archive.DamagedError
	)
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.As(err, &unsafe):
		return codedf("UNSAFE", "%s", unsafe.What)
	case errors.As(err, &damaged):
		return codedf("CORRUPT", "%s", damaged.What)
	case errors.Is(err, context.Canceled):
		return errCancelled
	}
	return rediserr.Newf("%s", err)
}
