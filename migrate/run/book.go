package run

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/migrate"
)

// book is everything that is stored about migrations. It never changes: after a
// change of the settings another one is read.
type book struct {
	version uint64 // of the settings
	targets map[uint64]*shelf
	jobs    map[uint64]*Job
	faults  []string
}

// shelf is a target with what belongs to it.
type shelf struct {
	Target
	set migrate.Set
	log []Entry // in order
}

// book returns what is stored now. Who holds all shards may rely on it until it
// lets go.
func (r *Runner) book() *book {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known != nil && r.known.version == r.opt.Engine.SettingsVersion() {
		return r.known
	}
	values, version := r.opt.Engine.Settings(rows)
	b := &book{version: version, targets: make(map[uint64]*shelf), jobs: make(map[uint64]*Job)}
	for name, value := range values {
		b.readFirst(name, value)
	}
	for name, value := range values {
		b.readSecond(name, value, r.parse)
	}
	for _, s := range b.targets {
		slices.SortFunc(s.log, func(x, y Entry) int { return cmp.Compare(x.Seq, y.Seq) })
	}
	r.known = b
	return b
}

// parse reads a stored migration, once for each text. The caller holds mu.
func (r *Runner) parse(text string) (*migrate.Migration, error) {
	if m, ok := r.parsed[text]; ok {
		return m, nil
	}
	m, err := migrate.Parse([]byte(text))
	if err == nil {
		r.parsed[text] = m
	}
	return m, err
}

// readFirst reads targets and jobs, which the other rows belong to.
func (b *book) readFirst(name, value string) {
	switch {
	case strings.HasPrefix(name, targetRow):
		s := &shelf{}
		if b.decode(name, value, &s.Target) {
			b.targets[s.ID] = s
		}
	case strings.HasPrefix(name, jobRow):
		j := &Job{}
		if b.decode(name, value, j) {
			b.jobs[j.ID] = j
		}
	}
}

// readSecond reads registered migrations and the history.
func (b *book) readSecond(name, value string, parse func(string) (*migrate.Migration, error)) {
	switch {
	case strings.HasPrefix(name, regRow):
		s := b.owner(name, regRow)
		m, err := parse(value)
		if s == nil || err != nil {
			b.faults = append(b.faults, fmt.Sprintf("the stored row %q can't be read", name))
			return
		}
		s.set = s.set.Add(m)
	case strings.HasPrefix(name, logRow):
		var e Entry
		if s := b.owner(name, logRow); s != nil && b.decode(name, value, &e) {
			s.log = append(s.log, e)
		}
	}
}

// owner is the target whose id stands in the name of a row.
func (b *book) owner(name, prefix string) *shelf {
	id, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "/")
	n, _ := strconv.ParseUint(id, 10, 64)
	return b.targets[n]
}

func (b *book) decode(name, value string, into any) bool {
	if err := json.Unmarshal([]byte(value), into); err != nil {
		b.faults = append(b.faults, fmt.Sprintf("the stored row %q can't be read", name))
		return false
	}
	return true
}

// find returns a target of a database by its name, or nil.
func (b *book) find(db int, name string) *shelf {
	for _, s := range b.targets {
		if s.DB == db && s.Name == name {
			return s
		}
	}
	return nil
}

// target is find for a command.
func (b *book) target(db int, name string) (*shelf, error) {
	if s := b.find(db, name); s != nil {
		return s, nil
	}
	return nil, rediserr.Coded("NOTFOUND", rediserr.OneLine("no migrations are registered for '"+name+"'"))
}

// of returns the targets of a database by name.
func (b *book) of(db int) []*shelf {
	var list []*shelf
	for _, s := range b.targets {
		if s.DB == db {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(x, y *shelf) int { return strings.Compare(x.Name, y.Name) })
	return list
}

// active returns the job of a target that has not ended, or nil.
func (b *book) active(target uint64) *Job {
	for _, j := range b.jobs {
		if j.Target == target && j.State.active() {
			return j
		}
	}
	return nil
}

// last returns the newest job of a target, or nil.
func (b *book) last(target uint64) (newest *Job) {
	for _, j := range b.jobs {
		if j.Target == target && (newest == nil || newest.ID < j.ID) {
			newest = j
		}
	}
	return newest
}

// locked is the error for what can't be done while a job is under way.
func (b *book) locked(s *shelf) error {
	j := b.active(s.ID)
	if j == nil {
		return nil
	}
	return rediserr.Coded("LOCKED", rediserr.OneLine(fmt.Sprintf("by job %s (%s) since %s", j.Label(), j.Command(), j.Started)))
}

// was returns what is stored of an applied migration, or nil.
func (t *Target) was(v migrate.Version) *Applied {
	for i := range t.Applied {
		if t.Applied[i].Version == v {
			return &t.Applied[i]
		}
	}
	return nil
}

// versionOf is the version of a document.
func (t *Target) versionOf(info *engine.DocumentInfo) migrate.Version {
	if info.Migration == "" {
		return t.Base
	}
	return migrate.Version(info.Migration)
}

// text is how a document says that it has a version.
func (t *Target) text(v migrate.Version) string {
	if v == t.Base {
		return ""
	}
	return string(v)
}

// scope returns which keys belong to a target.
func (r *Runner) scope(t *Target) (Scope, error) {
	switch t.Kind {
	case migrate.Key:
		return Scope{t.DB, t.Name, false}, nil
	case migrate.Prefix:
		return Scope{t.DB, t.Name, true}, nil
	}
	if r.opt.Collections != nil {
		if prefix, ok := r.opt.Collections.Prefix(t.DB, t.Name); ok {
			return Scope{t.DB, prefix, true}, nil
		}
	}
	return Scope{}, errNoCollection(t.Name)
}

func errNoCollection(name string) error {
	return rediserr.Coded("NOTFOUND", rediserr.OneLine("no collection '"+name+"'"))
}

// covers reports whether a key of the database belongs to the scope.
func (s *Scope) covers(key []byte) bool {
	if s.Prefix {
		return strings.HasPrefix(string(key), s.Name)
	}
	return string(key) == s.Name
}

// publishShapes tells the engine which documents have versions. The caller holds
// all shards.
func (r *Runner) publishShapes() {
	b := r.book()
	var shapes []engine.Shape
	for _, s := range b.targets {
		scope, err := r.scope(&s.Target)
		if err != nil {
			continue // the collection is gone
		}
		at := s.text(s.Version)
		shape := engine.Shape{DB: s.DB, Name: scope.Name, Prefix: scope.Prefix, Made: at, Arrived: at}
		if j := b.active(s.ID); j != nil {
			r.shapeDuring(j, s, &shape)
		}
		shapes = append(shapes, shape)
	}
	r.opt.Engine.SetShapes(shapes)
}

// shapeDuring is the shape of new documents while a job is under way: the one that
// it leads to, or, while it only prepares what it will do at once, that of before;
// then it is told of them.
func (r *Runner) shapeDuring(row *Job, s *shelf, shape *engine.Shape) {
	if row.Mode == Batch {
		shape.Made, shape.Arrived = s.text(row.To), ""
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if j := r.live[row.ID]; j != nil {
		shape.Note = j.noteKey
	}
}
