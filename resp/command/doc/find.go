package doc

import (
	"kvd/engine"
	"kvd/engine/doc/path"
	"kvd/engine/doc/query"
	"kvd/resp/command"
)

// searchSyntax is the syntax that all commands with a search have in common.
const searchSyntax = "[WHERE expression] [PARAMS count name value [name value ...]] [EQ path value [EQ path value ...]] " +
	"[RANGE path min max [RANGE path min max ...]]"

const perSearch = "O(log(N)+M) with an index for what is asked, where M is the number of documents that it names, else O(N) for N documents"

func searchSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "doc.find", Arity: -2, Flags: command.ReadOnly | command.OwnTx | command.InCollection, Keys: readPrefix,
			Syntax: "collection " + searchSyntax + " [SORT path [DESC] [SORT path [DESC] ...]] [SELECT path [path ...]] [LIMIT offset count] " +
				"[COUNT count] [CURSOR cursor] [WITHMETA] [NOCONTENT] [EXPLAIN] [TIMEOUT milliseconds] [SCANLIMIT documents]",
			Since: sinceKvd, Complexity: perSearch, Summary: "Finds documents of a collection.", Handler: find,
		},
		{
			Name: "doc.count", Arity: -2, Flags: command.ReadOnly | command.OwnTx | command.InCollection, Keys: readPrefix,
			Syntax: "collection " + searchSyntax + " [TIMEOUT milliseconds] [SCANLIMIT documents]",
			Since:  sinceKvd, Complexity: perSearch, Summary: "Counts documents of a collection.", Handler: count,
		},
	}
}

// defaultPage is how many documents a page has if nothing else is said.
const defaultPage = 100

// findOptions are the words that only FIND has.
type findOptions struct {
	offset, limit int
	limited       bool
	page          int
	paged         bool
	cursor        []byte
	explain       bool
	show          shown
}

// find implements DOC.FIND.
func find(c *command.Ctx) error {
	l, err := parseFind(c)
	if err != nil {
		return err
	}
	s, opt, p := &l.s, &l.find, &l.page
	defer s.release()
	if opt.explain {
		if err := s.choosePlan(); err != nil {
			return err
		}
		c.Out.Text(s.plan.Explain(&s.q, s.coll.Len()))
		return nil
	}
	if err := s.choose(); err != nil {
		return err
	}
	p.skip, p.most, p.show = opt.offset, opt.page, opt.show
	if opt.limited {
		p.most = opt.limit
	}
	if err := p.fill(); err != nil {
		return err
	}
	cursor := "0"
	if !opt.limited && p.full() {
		cursor = formatCursor(p.rows[len(p.rows)-1].position)
	}
	return p.write(c, cursor)
}

func parseFind(c *command.Ctx) (*searchLine, error) {
	l, err := newSearch(c, 2)
	if err != nil {
		return nil, err
	}
	opt := &l.find
	opt.page = defaultPage
	for l.o.Next() {
		if !l.option() && !opt.option(l) {
			l.unknown()
		}
	}
	if opt.limited && (opt.paged || opt.cursor != nil) {
		l.o.Fail(command.SyntaxNear([]byte("LIMIT")))
	}
	s, err := l.finish()
	if err != nil || opt.cursor == nil {
		return l, err
	}
	s.after, err = parsePosition(opt.cursor, &s.q)
	return l, err
}

// option reads the current option if it is one of FIND's own.
func (opt *findOptions) option(l *searchLine) (known bool) {
	o := &l.o
	switch o.Option() {
	case "SORT":
		l.readSort()
	case "SELECT":
		opt.show.selected = l.readSelect(opt.show.selected)
	case "LIMIT":
		opt.offset, opt.limit, opt.limited = count32(o.Count()), count32(o.Count()), true
	case "COUNT":
		opt.page, opt.paged = count32(o.Count()), true
		if opt.page == 0 {
			o.Fail(command.SyntaxNear([]byte("COUNT")))
		}
	case "CURSOR":
		opt.cursor = o.Arg()
	case "WITHMETA":
		opt.show.meta = true
	case "NOCONTENT":
		opt.show.idsOnly = true
	case "EXPLAIN":
		opt.explain = true
	default:
		return false
	}
	return true
}

func count32(n int64) int { return int(min(n, maxCount)) }

// readSort reads SORT path [DESC].
func (l *searchLine) readSort() {
	key := query.SortKey{Term: l.term()}
	if l.o.Err() != nil {
		return
	}
	if l.followed("DESC") {
		key.Direction = query.Descending
	} else {
		l.followed("ASC")
	}
	l.s.q.Sort = append(l.s.q.Sort, key)
}

// followed passes over the word if it comes next, and says whether it did.
func (l *searchLine) followed(word string) bool {
	if l.o.Left() == 0 || !isWord(l.s.c.Args[l.o.Pos()], word) {
		return false
	}
	l.o.Skip(1)
	return true
}

// readSelect reads the paths after SELECT: all words up to the next option.
func (l *searchLine) readSelect(paths []*path.Path) []*path.Path {
	before := len(paths)
	for l.o.Left() > 0 && l.o.Err() == nil && !isFindOption(l.s.c.Args[l.o.Pos()]) {
		p, err := l.s.c.Services.Documents.Path(l.o.Arg())
		l.o.Fail(err)
		paths = append(paths, p)
	}
	if len(paths) == before {
		l.o.Fail(command.SyntaxNear([]byte("SELECT")))
	}
	return paths
}

// findWords are the options of FIND.
var findWords = [...]string{
	"WHERE", "PARAMS", "EQ", "RANGE", "SORT", "SELECT", "LIMIT", "COUNT", "CURSOR", "WITHMETA", "NOCONTENT", "EXPLAIN",
	"TIMEOUT", "SCANLIMIT",
}

func isFindOption(arg []byte) bool {
	for _, word := range findWords {
		if isWord(arg, word) {
			return true
		}
	}
	return false
}

// count implements DOC.COUNT. Without conditions it counts without looking at the
// documents.
func count(c *command.Ctx) error {
	l, err := newSearch(c, 2)
	if err != nil {
		return err
	}
	for l.o.Next() {
		if !l.option() {
			l.unknown()
		}
	}
	s, err := l.finish()
	if err != nil {
		return err
	}
	defer s.release()
	if s.q.Where == nil && len(s.q.Equals)+len(s.q.Between) == 0 {
		c.Out.Int(int64(s.coll.Len()))
		return nil
	}
	if err := s.choose(); err != nil {
		return err
	}
	if err = s.each(s.counting); err == nil {
		c.Out.Int(s.counted)
	}
	return err
}

// countFound counts a document that is found.
func (s *search) countFound(string, *path.Document, *engine.Visited) (more bool, err error) {
	s.counted++
	return true, nil
}
