package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"kvd/internal/link"
)

// migrator does what kvd migrate is asked for at a server.
type migrator struct {
	*migrateOptions
	conn  *link.Conn
	files []migrationFile
	out   io.Writer
}

// choose finds out which target is meant.
func (o *migrateOptions) choose(files []migrationFile) error {
	for _, f := range files {
		if o.coll == "" {
			o.coll = f.Target.Name
		}
		if f.Target.Name != o.coll {
			return fmt.Errorf("the files are about '%s' and '%s': --coll says which is meant", o.coll, f.Target.Name)
		}
	}
	if o.coll == "" {
		return errors.New("there are no files: --coll says what is meant")
	}
	return nil
}

func (m *migrator) run(ctx context.Context) (code int, err error) {
	switch m.verb {
	case "status":
		return m.status()
	case "verify":
		return m.verify()
	case "plan":
		return exitOK, m.plan()
	case "up", "down":
		return exitOK, m.migrate(ctx)
	case "history":
		return exitOK, m.show("MIG.HISTORY", m.coll)
	case "baseline":
		if err := m.register(); err != nil {
			return exitOK, err
		}
		return exitOK, m.show("MIG.BASELINE", m.coll, m.to)
	}
	return exitOK, m.repair()
}

// show sends a command and prints its reply.
func (m *migrator) show(words ...string) error {
	reply, err := m.conn.Do(words...)
	if err != nil {
		return err
	}
	if reply.Kind == '*' && len(reply.List) > 0 && reply.List[0].Kind == '*' {
		for _, item := range reply.List {
			printReply(m.out, item, "")
			fmt.Fprintln(m.out)
		}
		return nil
	}
	printReply(m.out, reply, "")
	return nil
}

// register brings the files to the server. One that was applied in another form is
// an error.
func (m *migrator) register() error {
	for _, f := range m.files {
		if _, err := m.conn.Do("MIG.REGISTER", string(f.Text), "REPLACE"); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
	}
	return nil
}

// registered returns what the server has of each version; nothing if it does not
// know the target.
func (m *migrator) registered() (map[string]map[string]link.Reply, error) {
	reply, err := m.conn.Do("MIG.LIST", m.coll)
	known := make(map[string]map[string]link.Reply)
	if unknown := (*link.Error)(nil); errors.As(err, &unknown) && strings.HasPrefix(unknown.Text, "NOTFOUND") {
		return known, nil
	}
	for _, one := range reply.List {
		p := pairs(one)
		known[string(p["version"].Text)] = p
	}
	return known, err
}

// status prints the state of each version, of files and of the server.
func (m *migrator) status() (code int, err error) {
	known, err := m.registered()
	if err != nil {
		return exitFailure, err
	}
	pending := 0
	for _, f := range m.files {
		state := "pending"
		if p, ok := known[string(f.Version)]; ok {
			state = string(p["state"].Text)
			if string(p["checksum"].Text) != f.Checksum && state != "pending" {
				state += ", in another form"
			}
			delete(known, string(f.Version))
		}
		if state == "pending" {
			pending++
		}
		fmt.Fprintf(m.out, "%-12s %-10s %s\n", f.Version, state, f.Description)
	}
	for version, p := range known {
		fmt.Fprintf(m.out, "%-12s %-10s %s (no file)\n", version, p["state"].Text, p["description"].Text)
		if string(p["state"].Text) == "pending" {
			pending++
		}
	}
	if pending > 0 {
		fmt.Fprintf(m.out, "%d pending\n", pending)
		return exitPending, nil
	}
	return exitOK, nil
}

// verify compares files, registry and history.
func (m *migrator) verify() (code int, err error) {
	known, err := m.registered()
	if err != nil {
		return exitFailure, err
	}
	faults := 0
	for _, f := range m.files {
		p, ok := known[string(f.Version)]
		if ok && string(p["checksum"].Text) != f.Checksum && string(p["state"].Text) != "pending" {
			fmt.Fprintf(m.out, "%s: it was applied in another form\n", f.path)
			faults++
		}
		delete(known, string(f.Version))
	}
	for version, p := range known {
		if string(p["state"].Text) != "pending" {
			fmt.Fprintf(m.out, "%s: it was applied and has no file\n", version)
			faults++
		}
	}
	words := []string{"MIG.VERIFY", m.coll}
	if m.deep {
		words = append(words, "DEEP")
	}
	reply, err := m.conn.Do(words...)
	if err != nil {
		return exitFailure, err
	}
	for _, one := range reply.List {
		p := pairs(one)
		fmt.Fprintf(m.out, "%s %s: %s\n", p["version"].Text, p["key"].Text, p["why"].Text)
	}
	if faults+len(reply.List) > 0 {
		return exitFailure, nil
	}
	fmt.Fprintln(m.out, "no faults")
	return exitOK, nil
}

func (m *migrator) plan() error {
	if err := m.register(); err != nil {
		return err
	}
	words := []string{"MIG.PLAN", m.coll}
	if m.to != "" {
		words = append(words, "TO", m.to)
	}
	if m.full {
		words = append(words, "FULL")
	}
	return m.show(words...)
}

// repair takes the file of a version as what was applied.
func (m *migrator) repair() error {
	words := []string{"MIG.REPAIR", m.coll, m.to}
	for _, f := range m.files {
		if string(f.Version) == m.to {
			words = append(words, string(f.Text))
		}
	}
	return m.show(words...)
}

// watchEvery is how often a job is looked at.
const watchEvery = 200 * time.Millisecond

// migrate runs MIG.UP or MIG.DOWN and shows how far the job is.
func (m *migrator) migrate(ctx context.Context) error {
	if m.verb == "up" {
		if err := m.register(); err != nil {
			return err
		}
	}
	reply, err := m.conn.Do(m.words()...)
	if err != nil {
		return err
	}
	if reply.Kind == '*' {
		fmt.Fprintln(m.out, "nothing to do")
		return nil
	}
	job := string(reply.Text)
	bar := newBar(os.Stderr)
	defer bar.end()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		reply, err := m.conn.Do("MIG.STATUS", job)
		if err != nil {
			return err
		}
		p := pairs(reply)
		if state := string(p["state"].Text); state != "running" && state != "paused" {
			bar.end()
			return m.outcome(state, p)
		}
		bar.update(p)
		select {
		case <-ctx.Done():
			return fmt.Errorf("interrupted: job %s goes on; MIG.STATUS and MIG.CANCEL tell and end it", job)
		case <-tick.C:
		}
	}
}

// outcome prints how a job has ended.
func (m *migrator) outcome(state string, p map[string]link.Reply) error {
	if state != "done" {
		return fmt.Errorf("job %s: %s: %s", p["job"].Text, state, p["error"].Text)
	}
	fmt.Fprintf(m.out, "%s: %s to %s, %d documents, %d changed, %d failed\n",
		p["target"].Text, p["from"].Text, p["to"].Text, p["done"].Int, p["changed"].Int, p["failed"].Int)
	if p["failed"].Int > 0 {
		return fmt.Errorf("MIG.FAILED %s lists the documents", p["job"].Text)
	}
	return nil
}

// bar shows how far a job is: as a bar on a terminal, else now and then as a line.
type bar struct {
	to       *os.File
	terminal bool
	next     time.Time
	drawn    bool
}

func newBar(to *os.File) *bar {
	info, err := to.Stat()
	return &bar{to: to, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// lineEvery is how often a line is printed where there is no terminal.
const lineEvery = 5 * time.Second

func (b *bar) update(p map[string]link.Reply) {
	const width = 30
	done, total := p["done"].Int, max(p["total"].Int, p["done"].Int, 1)
	eta := (time.Duration(p["eta"].Int) * time.Millisecond).Round(time.Second)
	text := fmt.Sprintf("%s %d/%d, %d failed, %v left", p["phase"].Text, done, total, p["failed"].Int, eta)
	if b.terminal {
		full := int(done * width / total)
		fmt.Fprintf(b.to, "\r[%s%s] %s\x1b[K", strings.Repeat("=", full), strings.Repeat(" ", width-full), text)
		b.drawn = true
		return
	}
	if now := time.Now(); now.After(b.next) {
		fmt.Fprintln(b.to, text)
		b.next = now.Add(lineEvery)
	}
}

func (b *bar) end() {
	if b.drawn {
		fmt.Fprint(b.to, "\r\x1b[K")
		b.drawn = false
	}
}
