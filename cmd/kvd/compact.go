package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"kvd/internal/clock"
	"kvd/internal/link"
	"kvd/internal/logging"
	"kvd/persist"
)

const compactUsage = `usage: kvd compact DIR | kvd compact --addr HOST:PORT

Writes the data file anew, without the space that deleted data has left in it: of a
data directory that no server uses, or of a server that goes on meanwhile.
`

// compact implements `kvd compact`.
func compact(args []string) int {
	set := flag.NewFlagSet("compact", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	addr := set.String("addr", "", "")
	if err := set.Parse(args); err != nil {
		return wrongUse(err, compactUsage)
	}
	if (*addr == "") != (set.NArg() == 1) || set.NArg() > 1 {
		return wrongUse(errors.New("one data directory or --addr is needed"), compactUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var done persist.Compacted
	var err error
	if *addr != "" {
		done, err = compactServer(ctx, *addr)
	} else {
		done, err = compactDir(ctx, set.Arg(0))
	}
	if damaged := (*persist.DamagedError)(nil); errors.As(err, &damaged) {
		failure(err)
		return exitDamaged
	}
	if err != nil {
		return failure(err)
	}
	fmt.Printf("data file: %d bytes before, %d bytes now\n", done.Before, done.After)
	return exitOK
}

// compactDir compacts a directory that no server uses.
func compactDir(ctx context.Context, dir string) (done persist.Compacted, err error) {
	if _, err := os.Stat(filepath.Join(dir, "MANIFEST")); err != nil {
		return done, fmt.Errorf("%s is no data directory: %w", dir, err)
	}
	log, _, err := logging.New("warning", "")
	if err != nil {
		return done, err
	}
	s, err := persist.Open(persist.Options{Dir: dir, Clock: &clock.System{}, Log: log, Fsync: persist.EverySec})
	if err != nil {
		return done, err
	}
	if err = s.Checkpoint(ctx); err == nil {
		done, err = s.Compact(ctx)
	}
	return done, errors.Join(err, s.Close())
}

// compactServer has a server compact its data file.
func compactServer(ctx context.Context, addr string) (done persist.Compacted, err error) {
	to, err := link.ParseHost(addr)
	if err != nil {
		return done, err
	}
	if to.Password == "" {
		to.Password = os.Getenv("REDISCLI_AUTH")
	}
	conn, err := link.Dial(ctx, to, patience)
	if err != nil {
		return done, err
	}
	defer conn.Close()
	reply, err := conn.Do("COMPACT")
	if err != nil {
		return done, err
	}
	if len(reply.List) != 4 {
		return done, errors.New("the server answers something else than two sizes")
	}
	return persist.Compacted{Before: reply.List[1].Int, After: reply.List[3].Int}, nil
}
