package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kvd/internal/app"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/internal/link"
	"kvd/internal/logging"
	"kvd/snapshot/transfer"
)

// transferOptions are the options of import and export.
type transferOptions struct {
	path                 string
	addr, dir            string
	format, match, state string
	db, databases        int
	replace, skip, abort bool
}

// parseTransfer reads a command line, in which options may stand before and after
// the one file or URL.
func parseTransfer(name string, args []string) (*transferOptions, error) {
	o := &transferOptions{}
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.addr, "addr", "", "")
	set.StringVar(&o.dir, "dir", "", "")
	set.StringVar(&o.format, "format", "", "")
	set.StringVar(&o.match, "match", "", "")
	set.IntVar(&o.db, "db", transfer.AnyDB, "")
	set.IntVar(&o.databases, "databases", 0, "")
	if name == "import" {
		set.StringVar(&o.state, "state", "", "")
		set.BoolVar(&o.replace, "replace", false, "")
		set.BoolVar(&o.skip, "skip", false, "")
		set.BoolVar(&o.abort, "abort", false, "")
	}
	paths, err := parseMixed(set, args)
	if err != nil {
		return nil, err
	}
	switch {
	case len(paths) != 1:
		return nil, errors.New("one file is needed")
	case o.addr != "" && o.dir != "":
		return nil, errors.New("only one of --addr and --dir is possible")
	case o.db < transfer.AnyDB:
		return nil, fmt.Errorf("%d is no database", o.db)
	}
	o.path = paths[0]
	switch transfer.Format(o.format) {
	case "", transfer.RDB, transfer.JSONL, transfer.RESP:
		return o, nil
	}
	return nil, fmt.Errorf("%q is no format: it is rdb, jsonl or resp", o.format)
}

// fileFormat is the format that the options say, or the name of the file.
func (o *transferOptions) fileFormat() transfer.Format {
	if o.format != "" {
		return transfer.Format(o.format)
	}
	switch strings.ToLower(filepath.Ext(o.path)) {
	case ".jsonl", ".json", ".ndjson":
		return transfer.JSONL
	case ".resp", ".txt", ".aof":
		return transfer.RESP
	}
	return transfer.RDB
}

// serverEnd is the server that keys come from or go to: one that runs, or one that
// this process runs on a data directory for the time being.
type serverEnd struct {
	conn *link.Conn
	app  *app.App // nil for one that runs
	room string   // the directory of its socket
}

// openEnd connects to the server of the options.
func openEnd(ctx context.Context, o *transferOptions) (*serverEnd, error) {
	if o.dir != "" {
		return openDir(ctx, o)
	}
	addr := o.addr
	if addr == "" {
		addr = "127.0.0.1:6379"
	}
	to, err := link.ParseHost(addr)
	if err != nil {
		return nil, err
	}
	if to.Password == "" {
		to.Password = os.Getenv("REDISCLI_AUTH")
	}
	to.DB = 0 // each key says its own
	conn, err := link.Dial(ctx, to, patience)
	if err != nil {
		return nil, err
	}
	return &serverEnd{conn: conn}, nil
}

// openDir runs a server on a data directory that nobody else can reach.
func openDir(ctx context.Context, o *transferOptions) (*serverEnd, error) {
	if _, err := os.Stat(o.dir); err != nil {
		return nil, err
	}
	room, err := os.MkdirTemp("", "kvd")
	if err != nil {
		return nil, err
	}
	end := &serverEnd{room: room}
	socket := filepath.Join(room, "s")
	args := []string{"--dir", o.dir, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--loglevel", "warning"}
	if o.databases > 0 {
		args = append(args, "--databases", strconv.Itoa(o.databases))
	}
	cfg, err := config.Load(args)
	if err != nil {
		return nil, errors.Join(err, end.close())
	}
	log, _, err := logging.New(string(cfg.LogLevel), "")
	if err == nil {
		end.app, err = app.Open(app.Options{Config: cfg, Clock: &clock.System{}, Log: log})
	}
	if err == nil {
		end.conn, err = link.Dial(ctx, link.Address{Network: "unix", Host: socket}, patience)
	}
	if err != nil {
		return nil, errors.Join(err, end.close())
	}
	return end, nil
}

// close ends the connection, and the server if it is our own.
func (e *serverEnd) close() error {
	if e.conn != nil {
		e.conn.Close()
	}
	var err error
	if e.app != nil {
		err = e.app.Close()
	}
	if e.room != "" {
		err = errors.Join(err, os.RemoveAll(e.room))
	}
	return err
}

// wrongUse says how a command is used.
func wrongUse(err error, usage string) int {
	if errors.Is(err, flag.ErrHelp) {
		fmt.Print(usage)
		return exitOK
	}
	fmt.Fprintf(os.Stderr, "kvd: %v\n%s", err, usage)
	return exitUsage
}

// progress shows how far a transfer has got: as a line that changes on a terminal,
// and else now and then as a new one.
type progress struct {
	to       *os.File
	verb     string
	terminal bool
	began    time.Time
	next     time.Time
}

func newProgress(to *os.File, verb string) *progress {
	info, err := to.Stat()
	now := time.Now()
	return &progress{to: to, verb: verb, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, began: now, next: now.Add(time.Second)}
}

// update shows the counts, if it is time.
func (p *progress) update(c transfer.Counts) {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	line := fmt.Sprintf("%d keys %s, %.0f keys/s", c.Keys, p.verb, float64(c.Keys)/now.Sub(p.began).Seconds())
	if c.Total > 0 {
		line += fmt.Sprintf(", %.0f %%", 100*float64(c.Bytes)/float64(c.Total))
	}
	if p.terminal {
		fmt.Fprintf(p.to, "\r%s\x1b[K", line)
		p.next = now.Add(200 * time.Millisecond)
		return
	}
	fmt.Fprintln(p.to, line)
	p.next = now.Add(10 * time.Second)
}

// end leaves the terminal's line.
func (p *progress) end(transfer.Counts) {
	if p.terminal {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
