package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"kvd/internal/glob"
	"kvd/internal/link"
	"kvd/snapshot/transfer"
)

const importUsage = `usage: kvd import SOURCE [--addr HOST:PORT | --dir DIR] [options]

SOURCE is a file, dump.rdb, *.jsonl or commands, or a running server:
  kvd import dump.rdb                         into the server at 127.0.0.1:6379
  kvd import dump.rdb --dir /var/lib/kvd      into the directory of a stopped server
  kvd import redis://user:password@host:6379  from a server, while it runs

Options:
  --addr HOST:PORT   the server to write to; also a URL or the path of a unix socket
  --dir DIR          the data directory of a server that is not running
  --format F         rdb, jsonl or resp; else the name of the file says it
  --db N             take database N only
  --match PATTERN    take only keys that fit the pattern
  --replace          write keys that are there anew
  --skip             leave keys that are there as they are
  --abort            write nothing if a key is there (this is the default)
  --state FILE       remember how far a copy from a server got, and go on from there
  --databases N      number of databases, with --dir (16)
A password may stand in the URL or in the environment variable REDISCLI_AUTH.
`

// patience is how long a server may take to answer.
const patience = 10 * time.Minute

// importKeys implements `kvd import`.
func importKeys(args []string) int {
	opt, err := parseTransfer("import", args)
	if err != nil {
		return wrongUse(err, importUsage)
	}
	rules, err := opt.rules()
	if err != nil {
		return wrongUse(err, importUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	end, err := openEnd(ctx, opt)
	if err != nil {
		return failure(err)
	}
	show := newProgress(os.Stderr, "imported")
	rules.Progress = show.update
	counts, err := runImport(ctx, opt, end.conn, rules)
	err = errors.Join(err, end.close())
	show.end(counts)
	if err != nil {
		return failure(importHint(err))
	}
	fmt.Printf("%d keys written, %d skipped, %d had expired, %d function libraries\n",
		counts.Keys, counts.Skipped, counts.Expired, counts.Functions)
	return exitOK
}

// runImport writes the source into the server of a connection.
func runImport(ctx context.Context, opt *transferOptions, to *link.Conn, rules *transfer.Rules) (transfer.Counts, error) {
	if !isURL(opt.path) {
		return transfer.Import(transfer.File{Path: opt.path, Format: opt.fileFormat()}, to, rules)
	}
	source, err := link.ParseURL(opt.path)
	if err != nil {
		return transfer.Counts{}, err
	}
	if u, err := url.Parse(opt.path); err == nil && strings.Trim(u.Path, "/") != "" && source.Network == "tcp" && rules.DB == transfer.AnyDB {
		rules.DB = source.DB
	}
	from, err := link.Dial(ctx, source, patience)
	if err != nil {
		return transfer.Counts{}, err
	}
	defer from.Close()
	state, err := transfer.ReadState(opt.state, source.String())
	if err != nil {
		return transfer.Counts{}, err
	}
	live := transfer.Live{From: from, To: to, Rules: rules, Pattern: opt.match, State: state}
	return live.Run(ctx)
}

// importHint says what to do about a key that is there.
func importHint(err error) error {
	if errors.Is(err, transfer.ErrExists) {
		return fmt.Errorf("%w; use --replace to write keys that are there anew, or --skip to leave them", err)
	}
	return err
}

func isURL(path string) bool { return strings.Contains(path, "://") }

// rules makes the rules of the options.
func (o *transferOptions) rules() (*transfer.Rules, error) {
	r := &transfer.Rules{DB: o.db, Now: time.Now}
	if o.match != "" {
		pattern := []byte(o.match)
		r.Match = func(key []byte) bool { return glob.Match(pattern, key) }
	}
	chosen := 0
	for clash, is := range map[transfer.Clash]bool{transfer.Abort: o.abort, transfer.Replace: o.replace, transfer.Skip: o.skip} {
		if is {
			r.Clash = clash
			chosen++
		}
	}
	if chosen > 1 {
		return nil, errors.New("only one of --replace, --skip and --abort is possible")
	}
	return r, nil
}
