package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"kvd/snapshot/rdb"
	"kvd/snapshot/transfer"
)

const exportUsage = `usage: kvd export FILE [--addr HOST:PORT | --dir DIR] [options]

Writes the keys of a server to a file: dump.rdb, which redis-server loads, JSON
lines, or commands for redis-cli --pipe. The server goes on meanwhile; each key is
as it was at one moment. The server may be a redis-server too.

Options:
  --addr HOST:PORT   the server to read; also a URL or the path of a unix socket
  --dir DIR          the data directory of a server that is not running
  --format F         rdb, jsonl or resp; else the name of the file says it
  --db N             take database N only
  --match PATTERN    take only keys that fit the pattern
  --databases N      number of databases, with --dir (16)
A password may stand in the URL or in the environment variable REDISCLI_AUTH.
`

// exportKeys implements `kvd export`.
func exportKeys(args []string) int {
	opt, err := parseTransfer("export", args)
	if err != nil {
		return wrongUse(err, exportUsage)
	}
	rules, err := opt.rules()
	if err != nil {
		return wrongUse(err, exportUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	end, err := openEnd(ctx, opt)
	if err != nil {
		return failure(err)
	}
	go func() {
		<-ctx.Done()
		end.conn.Close()
	}()
	show := newProgress(os.Stderr, "exported")
	rules.Progress = show.update
	done, err := runExport(opt, end, rules)
	err = errors.Join(err, end.close())
	show.end(done.Counts)
	if err != nil {
		return failure(err)
	}
	fmt.Printf("%d keys and %d function libraries written to %s\n", done.Keys, done.Functions, opt.path)
	if done.Version > rdb.Version {
		fmt.Printf("some fields of hashes expire: the file has version %d, which redis-server reads from 7.4 on\n", done.Version)
	}
	return exitOK
}

// runExport fetches all data into a file beside the one that is asked for, and
// writes that from it.
func runExport(opt *transferOptions, from *serverEnd, rules *transfer.Rules) (done transfer.Summary, err error) {
	whole, err := os.CreateTemp(filepath.Dir(opt.path), ".kvd-export-*.rdb")
	if err != nil {
		return done, err
	}
	defer os.Remove(whole.Name()) //nolint:errcheck // it is of no use any more
	_, err = transfer.Fetch(from.conn, whole)
	if err = errors.Join(err, whole.Close()); err != nil {
		return done, err
	}
	err = transfer.WriteFile(opt.path, func(f *os.File) error {
		done, err = transfer.Export(transfer.File{Path: whole.Name(), Format: transfer.RDB}, opt.fileFormat(), f, rules)
		return err
	})
	return done, err
}
