package run

import (
	"context"
	"errors"
	"time"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/rediserr"
	"kvd/migrate"
	"kvd/migrate/ops"
)

const (
	// planSample is how many documents a plan looks at if nobody says it.
	planSample = 100
	// shownSamples is of how many of them it shows the patch.
	shownSamples = 3
	// Full as the size of a sample is all documents.
	Full = -1
)

// Plan is what MIG.UP would do.
type Plan struct {
	From, To migrate.Version
	Steps    []*migrate.Migration
	// Docs are the documents of the target; Examined of them were tried, of which
	// Changes would change and Invalid would fail or would not come back.
	Docs, Examined, Changes, Invalid int64
	Samples                          []Sample
	// Estimate is how long it would take, about.
	Estimate time.Duration
}

// Sample is what would become of one document: a patch (RFC 6902), or why nothing.
type Sample struct {
	ID    []byte
	Patch []byte
	Fault string
}

// Plan tries the migrations up to a version (empty: the latest) on a sample of the
// documents, or with Full on all, and takes them back again. It writes nothing.
func (r *Runner) Plan(ctx context.Context, db int, name, to string, sample int) (Plan, error) {
	s, err := r.book().target(db, name)
	if err != nil {
		return Plan{}, err
	}
	row := &Job{Mode: Atomic}
	if _, err := s.planUp(&Request{To: to}, row); err != nil {
		return Plan{}, err
	}
	scope, err := r.scope(&s.Target)
	if err != nil {
		return Plan{}, err
	}
	if sample == 0 {
		sample = planSample
	}
	p := &planner{r: r, scope: &scope, steps: r.stepsOf(s, row, time.Time{}), left: sample, began: r.now()}
	if types := typesOf(s, row); types != nil {
		p.as = types.To
	}
	p.Plan = Plan{From: s.Version, To: row.To, Steps: p.steps.run}
	if err := r.eachKey(ctx, &scope, p.keys); err != nil {
		return Plan{}, err
	}
	if p.Examined > 0 {
		p.Estimate = r.now().Sub(p.began) * time.Duration(p.Docs) / time.Duration(p.Examined)
	}
	return p.Plan, nil
}

// planner tries migrations.
type planner struct {
	Plan
	r     *Runner
	scope *Scope
	steps *steps
	env   ops.Env
	as    string // the type that the documents are to have; empty: the one they have
	left  int    // documents to try; below zero: all
	began time.Time
}

func (p *planner) keys(keys [][]byte) error {
	for _, key := range keys {
		if p.left == 0 {
			p.Docs++
			continue
		}
		d, err := p.r.read(p.scope.DB, key)
		if err != nil {
			return err
		}
		if d.there() {
			p.Docs++
			p.Examined++
			p.left--
			p.try(d)
		}
	}
	return nil
}

// try applies the steps to a document and takes them back.
func (p *planner) try(d document) {
	if !p.steps.pending(&d.info) {
		return
	}
	c := p.steps.convert(&p.env, d)
	fault := ""
	switch {
	case c.err != nil:
		fault = reason(c.err)
	case p.r.fit(p.steps.target, p.scope, p.as, &document{key: d.key, value: c.shape.Value}) != "":
		fault = p.r.fit(p.steps.target, p.scope, p.as, &document{key: d.key, value: c.shape.Value})
	case !p.comesBack(&c):
		fault = "taking the migrations back would not restore it"
	}
	if fault != "" {
		p.Invalid++
	}
	if c.changed {
		p.Changes++
	}
	if len(p.Samples) < shownSamples && (c.changed || fault != "") {
		s := Sample{ID: d.key[len(p.prefix()):], Fault: fault}
		if c.err == nil {
			s.Patch = doc.AppendDiff(nil, d.value, c.shape.Value, doc.WithoutTests)
			s.Patch = doc.AppendText(nil, s.Patch)
		}
		p.Samples = append(p.Samples, s)
	}
}

func (p *planner) prefix() string {
	if p.scope.Prefix {
		return p.scope.Name
	}
	return ""
}

// comesBack reports whether the way back leads to the document as it was.
func (p *planner) comesBack(c *result) bool {
	back := *p.steps
	back.run = nil
	was := p.steps.target.versionOf(&c.info)
	for i := len(p.steps.set) - 1; i >= 0; i-- {
		if m := p.steps.set[i]; was.Less(m.Version) && !p.steps.to.Less(m.Version) {
			back.run = append(back.run, m)
		}
	}
	back.down, back.to = true, was
	info := engine.DocumentInfo{Migration: string(c.shape.Version), Undo: c.shape.Undo}
	shape, err := back.change(&p.env, c.shape.Value, &info)
	return err == nil && string(shape.Value) == string(c.value)
}

// Transform applies migrations to a document that is stored nowhere. from and to may
// be empty: the state before the first migration, and the latest version.
func (r *Runner) Transform(db int, name string, text []byte, from, to string) ([]byte, error) {
	s, err := r.book().target(db, name)
	if err != nil {
		return nil, err
	}
	v, err := doc.Parse(text)
	if err != nil {
		return nil, rediserr.New(rediserr.OneLine("invalid JSON: " + err.Error()))
	}
	first, last := migrate.Zero, s.set.Latest()
	if from != "" {
		if first, err = s.parseAny(from); err != nil {
			return nil, err
		}
	}
	if to != "" {
		if last, err = s.parseAny(to); err != nil {
			return nil, err
		}
	}
	var env ops.Env
	shape, err := s.set.Transform(&env, r.now(), migrate.Shape{Value: v, Version: first}, last)
	if err != nil {
		return nil, explain([]byte(name), err)
	}
	return doc.AppendText(nil, shape.Value), nil
}

// parseAny is parseTo for versions that nothing has to have.
func (s *shelf) parseAny(text string) (migrate.Version, error) {
	if text == string(migrate.Zero) {
		return migrate.Zero, nil
	}
	return s.parseTo(text)
}

// Verify looks for faults in what is stored of a target: applied migrations that are
// not registered any more, or registered in another form. With deep it looks at
// every document too: that its version is one of the target's, and that it fits the
// type of its collection.
func (r *Runner) Verify(ctx context.Context, db int, name string, deep bool) ([]Fault, error) {
	s, err := r.book().target(db, name)
	if err != nil {
		return nil, err
	}
	faults := s.verifyStored()
	if !deep {
		return faults, nil
	}
	scope, err := r.scope(&s.Target)
	if err != nil {
		return nil, err
	}
	err = r.eachKey(ctx, &scope, func(keys [][]byte) error {
		for _, key := range keys {
			d, err := r.read(db, key)
			if err != nil {
				return err
			}
			if fault, ok := s.verifyDocument(&d); ok {
				faults = append(faults, fault)
			}
			if why := r.fit(&s.Target, &scope, "", &d); d.there() && why != "" {
				faults = append(faults, Fault{s.Name, s.versionOf(&d.info), key, "document", why})
			}
			if len(faults) > mostFailures {
				return errManyFaults
			}
		}
		return nil
	})
	if errors.Is(err, errManyFaults) {
		err = nil
	}
	return faults, err
}

var errManyFaults = errors.New("enough faults")

// verifyDocument looks at the version of one document.
func (s *shelf) verifyDocument(d *document) (Fault, bool) {
	if !d.there() {
		return Fault{}, false
	}
	v := s.versionOf(&d.info)
	switch {
	case v != s.Base && s.set.Get(v) == nil:
		return Fault{s.Name, v, d.key, "version", "the version is none of the target's"}, true
	case s.highest().Less(v):
		return Fault{s.Name, v, d.key, "version", "the version is above that of the target"}, true
	case v.Less(s.Version) && !s.Lagging && s.Ahead == "":
		return Fault{s.Name, v, d.key, "version", "the version is below that of the target"}, true
	}
	return Fault{}, false
}
