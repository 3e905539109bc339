package json

import (
	"slices"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/resp/command"
)

// rule says where a value is written.
type rule struct {
	// onlyNew leaves what is there as it is (NX), onlyOld makes nothing new (XX).
	onlyNew, onlyOld bool
	// parents makes the objects that are missing on the way (MKPATH).
	parents bool
}

// site is an object that is to get a member: an object in an object for each name,
// the value innermost.
type site struct {
	place int
	names [][]byte
}

// planner finds out where a write to a path makes something new.
type planner struct {
	s    *command.DocumentScratch
	path *path.Path
	root doc.Value
	rule rule
}

// sites returns the objects that would get the last name of the path, where it is
// missing: every one that the path without that name leads to. With rule.parents it
// may be several names.
func (p *planner) sites() ([]site, error) {
	if p.path.Static() {
		place, names, ok := p.path.Missing(p.root)
		if !ok || len(names) > 1 && !p.rule.parents {
			return nil, nil
		}
		return []site{{place, names}}, nil
	}
	prefix, names := peel(p.path, p.rule.parents)
	if len(names) == 0 {
		return nil, nil
	}
	places, err := p.s.Paths.FindDistinct(prefix, p.root)
	if err != nil {
		return nil, command.DocumentError(err)
	}
	var sites []site
	for _, place := range places {
		if s, ok := missing(p.root, place, names); ok {
			sites = append(sites, s)
		}
	}
	return sites, nil
}

// peel takes the last name off a path, or all that it ends with.
func peel(p *path.Path, all bool) (prefix *path.Path, names [][]byte) {
	for {
		parent, name, ok := p.Parent()
		if !ok || len(names) > 0 && !all {
			slices.Reverse(names)
			return p, names
		}
		p, names = parent, append(names, name)
	}
}

// missing follows names down from a place as far as they are there.
func missing(root doc.Value, place int, names [][]byte) (site, bool) {
	v := root.At(place)
	for i, name := range names {
		if v.Kind() != doc.Object {
			return site{}, false
		}
		child, at := v.MemberAt(name)
		if child == nil {
			return site{place, names[i:]}, true
		}
		v, place = child, place+at
	}
	return site{}, false
}

// create appends the document with the value at the sites.
func (p *planner) create(dst []byte, sites []site, value doc.Value) ([]byte, error) {
	places := make([]int, len(sites))
	levels := 0
	for i, s := range sites {
		places[i] = s.place
		levels = max(levels, len(s.names))
	}
	out, _, err := p.s.Editor.Rewrite(dst, p.root, places, doc.Edit{
		Nests: levels + value.Depth(),
		Apply: func(dst []byte, i int, v doc.Value) ([]byte, doc.Outcome, error) {
			names := sites[i].names
			nested := value
			if len(names) > 1 {
				nested = doc.AppendNested(nil, names[1:], value)
			}
			return doc.AppendWithMember(dst, v, names[0], nested), doc.Changed, nil
		},
	})
	return out, command.DocumentError(err)
}

// newDocument appends the document that a write makes at a missing key: the value,
// or objects around it for the names of the path.
func (p *planner) newDocument(dst []byte, value doc.Value) ([]byte, error) {
	if p.path.IsRoot() {
		return append(dst, value...), nil
	}
	prefix, names := peel(p.path, true)
	switch {
	case p.path.Computed():
		return nil, command.DocumentError(path.ErrComputed)
	case !p.rule.parents || !prefix.IsRoot():
		return nil, errNewAtRoot
	case len(names)+value.Depth() >= doc.DefaultDepth:
		return nil, command.DocumentError(doc.ErrDepth)
	}
	return fits(doc.AppendNested(dst, names, value), len(dst))
}

// fits refuses what was appended behind from where it is too large for a document.
func fits(out []byte, from int) ([]byte, error) {
	if len(out)-from > doc.DefaultBytes {
		return nil, command.DocumentError(doc.ErrTooLarge)
	}
	return out, nil
}

// unmatched is the error for a path at which nothing was written, if it never can
// be: array elements are not made.
func (p *planner) unmatched() error {
	if _, _, endsWithName := p.path.Parent(); p.path.Static() && !endsWithName && !p.rule.onlyOld {
		if _, _, there := p.path.Lookup(p.root); !there {
			return errArrayRange
		}
	}
	return nil
}
