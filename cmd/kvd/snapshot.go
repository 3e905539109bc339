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
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"kvd/internal/link"
	"kvd/persist/disk"
)

const snapshotUsage = `usage: kvd snapshot COMMAND [--addr HOST:PORT | --dir DIR] [arguments of SNAP.COMMAND]

  kvd snapshot create NAME nightly TAG before-upgrade
  kvd snapshot list
  kvd snapshot verify ID DEEP
  kvd snapshot restore ID FLUSH
  kvd snapshot restore ID --dir /var/lib/kvd FLUSH       into the directory of a stopped server
  kvd snapshot restore FILE --dir /var/lib/kvd FLUSH     the same, from a file that is elsewhere
  kvd snapshot prune NAME nightly KEEPDAILY 7 KEEPWEEKLY 4 DRYRUN

Options:
  --addr HOST:PORT   the server; also a URL or the path of a unix socket (127.0.0.1:6379)
  --dir DIR          the data directory of a server that is not running
  --databases N      number of databases, with --dir (16)
A password may stand in the URL or in the environment variable REDISCLI_AUTH.
`

// snapshotCommands are the sub-commands that there are.
var snapshotCommands = []string{"create", "list", "info", "verify", "diff", "restore", "delete", "prune"}

// snapshots implements `kvd snapshot`.
func snapshots(args []string) int {
	verb, words, opt, err := parseSnapshot(args)
	if err != nil {
		return wrongUse(err, snapshotUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if verb == "restore" && opt.dir != "" {
		if words[0], err = bringFile(opt.dir, words[0]); err != nil {
			return failure(err)
		}
	}
	end, err := openEnd(ctx, opt)
	if err != nil {
		return failure(err)
	}
	reply, err := runSnapshot(ctx, end, opt, append([]string{"SNAP." + strings.ToUpper(verb)}, words...))
	if err = errors.Join(err, end.close()); err != nil {
		return failure(err)
	}
	if verb == "list" {
		printSnapshots(os.Stdout, reply)
	} else {
		printReply(os.Stdout, reply, "")
	}
	if verb == "verify" && !slices.ContainsFunc(reply.List[:2], func(r link.Reply) bool { return r.Int == 1 }) {
		return exitDamaged
	}
	return exitOK
}

// parseSnapshot takes the options out of a command line.
func parseSnapshot(args []string) (verb string, words []string, opt *transferOptions, err error) {
	opt = &transferOptions{}
	set := flag.NewFlagSet("snapshot", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&opt.addr, "addr", "", "")
	set.StringVar(&opt.dir, "dir", "", "")
	set.IntVar(&opt.databases, "databases", 0, "")
	for {
		if err := set.Parse(args); err != nil {
			return "", nil, nil, err
		}
		if set.NArg() == 0 {
			break
		}
		words, args = append(words, set.Arg(0)), set.Args()[1:]
	}
	switch {
	case len(words) == 0:
		return "", nil, nil, errors.New("a command is needed")
	case !slices.Contains(snapshotCommands, words[0]):
		return "", nil, nil, fmt.Errorf("there is no command %q", words[0])
	case words[0] == "restore" && len(words) == 1:
		return "", nil, nil, errors.New("restore needs the ID of a snapshot")
	case opt.addr != "" && opt.dir != "":
		return "", nil, nil, errors.New("only one of --addr and --dir is possible")
	}
	return words[0], words[1:], opt, nil
}

// bringFile puts an archive that is elsewhere among the snapshots of a data
// directory and returns its ID. What is not a file is an ID already.
func bringFile(dir, name string) (id string, err error) {
	base := filepath.Base(name)
	id = base
	for _, end := range []string{".tar.zst.age", ".tar.zst", ".tar.gz"} {
		id = strings.TrimSuffix(id, end)
	}
	if id == base {
		return name, nil
	}
	home := filepath.Join(dir, "snapshots")
	to := filepath.Join(home, base)
	if _, err := os.Stat(to); err == nil {
		return id, nil
	}
	in, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", err
	}
	return id, disk.Create(to, func(f *os.File) error {
		_, err := io.Copy(f, in)
		return err
	})
}

// runSnapshot sends a command and shows how far it is until the reply is there.
func runSnapshot(ctx context.Context, end *serverEnd, opt *transferOptions, words []string) (link.Reply, error) {
	type answer struct {
		reply link.Reply
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		reply, err := end.conn.Do(words...)
		done <- answer{reply, err}
	}()
	show := newJobLine(os.Stderr)
	defer show.end()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	var watch *link.Conn
	for {
		select {
		case a := <-done:
			return a.reply, a.err
		case <-ctx.Done():
			return link.Reply{}, errors.New("interrupted: the server goes on; SNAP.JOBS and SNAP.CANCEL tell and end it")
		case <-tick.C:
			if watch == nil {
				var err error
				if watch, err = secondConn(ctx, end, opt); err != nil {
					return link.Reply{}, err
				}
				defer watch.Close()
			}
			if jobs, err := watch.Do("SNAP.JOBS"); err == nil && jobs.Err() == nil && len(jobs.List) > 0 {
				show.update(pairs(jobs.List[0]))
			}
		}
	}
}

// secondConn connects once more to the server of an end.
func secondConn(ctx context.Context, end *serverEnd, opt *transferOptions) (*link.Conn, error) {
	if end.room != "" {
		return link.Dial(ctx, link.Address{Network: "unix", Host: filepath.Join(end.room, "s")}, patience)
	}
	again := *opt
	other, err := openEnd(ctx, &again)
	if err != nil {
		return nil, err
	}
	return other.conn, nil
}

// jobLine shows a job: as a line that changes on a terminal, and else now and then
// as a new one.
type jobLine struct {
	progress
}

func newJobLine(to *os.File) *jobLine { return &jobLine{*newProgress(to, "")} }

func (l *jobLine) update(job map[string]link.Reply) {
	now := time.Now()
	if now.Before(l.next) {
		return
	}
	records, seconds := job["records"].Int, max(now.Sub(l.began).Seconds(), 0.001)
	line := fmt.Sprintf("%s: %d records, %d MB, %.0f records/s", job["kind"].Text, records, job["bytes"].Int>>20, float64(records)/seconds)
	if l.terminal {
		const marks = "|/-\\"
		fmt.Fprintf(l.to, "\r%c %s\x1b[K", marks[int(seconds*4)%len(marks)], line)
		l.next = now
		return
	}
	fmt.Fprintln(l.to, line)
	l.next = now.Add(10 * time.Second)
}

func (l *jobLine) end() {
	if l.terminal {
		fmt.Fprint(l.to, "\r\x1b[K")
	}
}

// pairs is a map, which is a list of names and values.
func pairs(r link.Reply) map[string]link.Reply {
	m := make(map[string]link.Reply)
	for pair := range slices.Chunk(r.List, 2) {
		if len(pair) == 2 {
			m[string(pair[0].Text)] = pair[1]
		}
	}
	return m
}

// printSnapshots shows a list as a table.
func printSnapshots(out io.Writer, r link.Reply) {
	if len(r.List) != 2 {
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTIME\tKEYS\tSIZE\tSTATE\tTARGET\tTAGS")
	for _, one := range r.List[1].List {
		m := pairs(one)
		at := time.UnixMilli(m["time"].Int).UTC().Format(time.DateTime)
		var tags []string
		for _, tag := range m["tags"].Strings() {
			tags = append(tags, string(tag))
		}
		state := string(m["state"].Text)
		if m["verified_at"].Null {
			state += ", not verified"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%s\n", m["id"].Text, at, m["keys"].Int, m["size"].Int, state, m["target"].Text, strings.Join(tags, " "))
	}
	_ = w.Flush() // as with fmt.Print, nobody is left to be told
	if cursor := r.List[0].Text; string(cursor) != "0" {
		fmt.Fprintf(out, "more: CURSOR %s\n", cursor)
	}
}

// printReply shows a reply: names with their values, and lists line by line.
func printReply(out io.Writer, r link.Reply, indent string) {
	switch {
	case r.Null:
		fmt.Fprintln(out, indent+"-")
	case r.Kind == ':':
		fmt.Fprintf(out, "%s%d\n", indent, r.Int)
	case r.Kind != '*':
		fmt.Fprintf(out, "%s%s\n", indent, r.Text)
	case len(r.List) > 0 && len(r.List)%2 == 0 && r.List[0].Kind == '$' && indent == "":
		for pair := range slices.Chunk(r.List, 2) {
			fmt.Fprintf(out, "%s: ", pair[0].Text)
			if pair[1].Kind == '*' {
				fmt.Fprintln(out)
				printReply(out, pair[1], "  ")
				continue
			}
			printReply(out, pair[1], "")
		}
	default:
		for _, item := range r.List {
			if item.Kind == '*' {
				var words []string
				for _, w := range item.List {
					words = append(words, strings.TrimSpace(fmt.Sprintf("%s%s", w.Text, number(w))))
				}
				fmt.Fprintln(out, indent+strings.Join(words, "  "))
				continue
			}
			printReply(out, item, indent)
		}
	}
}

// number is the text of a number, and of others nothing.
func number(r link.Reply) string {
	if r.Kind != ':' {
		return ""
	}
	return fmt.Sprint(r.Int)
}
