package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"

	"kvd/internal/link"
)

const migrateUsage = `usage: kvd migrate COMMAND [options]

  kvd migrate new NAME        writes the next migration file, to be filled in
  kvd migrate lint            checks the files: form, names, what destroys data, what can't be taken back
  kvd migrate status          what is applied and what is pending (exit code 2 when something is)
  kvd migrate plan            tries the pending migrations on the server and writes nothing
  kvd migrate up              registers the files and applies what is pending
  kvd migrate down --to V     takes migrations back
  kvd migrate verify          compares files, registry and history (exit code 1 when they differ)
  kvd migrate repair --to V   takes the file of one version as what was applied
  kvd migrate baseline --to V says that the documents have the shape of a version already
  kvd migrate history         what was applied and taken back, the newest first

Files are named VERSION_NAME.yaml, .yml or .json.

Options:
  --dir DIR             folder with the files (migrations)
  --coll NAME           the collection, prefix or key, if the files have several
  --addr HOST:PORT      the server; also a URL or the path of a unix socket (127.0.0.1:6379)
  --to VERSION          instead of the latest
  --batch N             N documents between two checkpoints, instead of all in one transaction
  --onerror abort|skip|quarantine
  --strategy auto|undo|ops
  --snapshot yes|no     a snapshot before up and down (yes)
  --outoforder          applies versions below the current one too
  --full                plan: tries every document
  --deep                verify: looks at every document
  --author NAME
A password may stand in the URL or in the environment variable REDISCLI_AUTH.
`

// exitPending says that migrations are pending.
const exitPending = 2

// migrateOptions are the options of kvd migrate.
type migrateOptions struct {
	verb, name                        string
	dir, coll, addr, to               string
	onError, strategy, safety, author string
	batch                             int
	outOfOrder, full, deep            bool
}

// migrateVerbs are the sub-commands that there are.
func migrateVerbs() []string {
	return []string{"new", "lint", "status", "plan", "up", "down", "verify", "repair", "baseline", "history"}
}

// parseMigrate reads a command line, in which options may stand anywhere.
func parseMigrate(args []string) (*migrateOptions, error) {
	o := &migrateOptions{}
	set := flag.NewFlagSet("migrate", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.dir, "dir", "migrations", "")
	set.StringVar(&o.coll, "coll", "", "")
	set.StringVar(&o.addr, "addr", "127.0.0.1:6379", "")
	set.StringVar(&o.to, "to", "", "")
	set.StringVar(&o.onError, "onerror", "", "")
	set.StringVar(&o.strategy, "strategy", "", "")
	set.StringVar(&o.safety, "snapshot", "", "")
	set.StringVar(&o.author, "author", os.Getenv("USER"), "")
	set.IntVar(&o.batch, "batch", 0, "")
	set.BoolVar(&o.outOfOrder, "outoforder", false, "")
	set.BoolVar(&o.full, "full", false, "")
	set.BoolVar(&o.deep, "deep", false, "")
	words, err := parseMixed(set, args)
	if err != nil {
		return nil, err
	}
	switch {
	case len(words) == 0:
		return nil, errors.New("a command is needed")
	case !slices.Contains(migrateVerbs(), words[0]):
		return nil, fmt.Errorf("there is no command %q", words[0])
	case words[0] == "new" && len(words) != 2:
		return nil, errors.New("new needs a name for the migration")
	case words[0] != "new" && len(words) != 1:
		return nil, fmt.Errorf("%q is one word too many", words[1])
	case slices.Contains([]string{"down", "repair", "baseline"}, words[0]) && o.to == "":
		return nil, fmt.Errorf("%s needs --to and a version", words[0])
	}
	o.verb = words[0]
	if o.verb == "new" {
		o.name = words[1]
	}
	return o, nil
}

// migrations implements `kvd migrate`.
func migrations(args []string) int {
	o, err := parseMigrate(args)
	if err != nil {
		return wrongUse(err, migrateUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if o.verb == "new" {
		return ended(newMigration(o))
	}
	files, err := readMigrations(o)
	if err != nil {
		return failure(err)
	}
	if o.verb == "lint" {
		return lint(os.Stdout, files)
	}
	if err := o.choose(files); err != nil {
		return failure(err)
	}
	conn, err := o.connect(ctx)
	if err != nil {
		return failure(err)
	}
	defer conn.Close()
	m := &migrator{migrateOptions: o, conn: conn, files: files, out: os.Stdout}
	code, err := m.run(ctx)
	if err != nil {
		return failure(err)
	}
	return code
}

// ended is the exit code of what has no other than that of its error.
func ended(err error) int {
	if err != nil {
		return failure(err)
	}
	return exitOK
}

// connect connects to the server.
func (o *migrateOptions) connect(ctx context.Context) (*link.Conn, error) {
	to, err := link.ParseHost(o.addr)
	if err != nil {
		return nil, err
	}
	if to.Password == "" {
		to.Password = os.Getenv("REDISCLI_AUTH")
	}
	return link.Dial(ctx, to, 0) // a job may take its time
}

// words are the options as the words of MIG.UP and MIG.DOWN.
func (o *migrateOptions) words() []string {
	words := []string{"MIG." + map[bool]string{true: "DOWN", false: "UP"}[o.verb == "down"], o.coll}
	for _, option := range [][2]string{
		{"TO", o.to}, {"ONERROR", o.onError}, {"STRATEGY", o.strategy}, {"SNAPSHOT", o.safety}, {"AUTHOR", o.author},
	} {
		if option[1] != "" && (option[0] != "STRATEGY" || o.verb == "down") {
			words = append(words, option[0], option[1])
		}
	}
	if o.batch > 0 {
		words = append(words, "MODE", "BATCH", strconv.Itoa(o.batch))
	}
	if o.outOfOrder {
		words = append(words, "OUTOFORDER")
	}
	return append(words, "ASYNC")
}
