package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"kvd/internal/app"
	"kvd/internal/testkit"
	"kvd/resp/command"
)

// specExceptions are replies that differ from the oracle's, with the reason.
var specExceptions = map[string]string{
	"client|kill/DOCS":             "the oracle shows filters as optional and one as deprecated, which a syntax cannot say",
	"client|list/DOCS":             "the oracle puts the IDs into a block of one argument",
	"command|getkeys/DOCS":         "the oracle shows no arguments before 7.2",
	"command|getkeysandflags/DOCS": "the oracle shows no arguments before 7.2",
	"config|get/DOCS":              "the oracle puts the parameters into a block of one argument",
	"debug/DOCS":                   "the oracle shows no arguments, and a flag of its own",
	"geohash/DOCS":                 "the oracle shows the members as mandatory, though its arity is -2",
	"geopos/DOCS":                  "the oracle shows the members as mandatory, though its arity is -2",
	"pfmerge/DOCS":                 "the oracle shows the sources as mandatory, though its arity is -2",
	"psubscribe/DOCS":              "the oracle puts the pattern into a block of one argument",
	"psync/DOCS":                   "the oracle shows two arguments, and its arity is -3",
	"replconf/DOCS":                "the oracle shows no arguments, and its arity is -1",
	"quit/DOCS":                    "the oracle shows no arguments, but ignores any that come",
	"xinfo|stream/DOCS":            "the oracle gives a token to a block of one optional argument, which a syntax cannot say",
	"zrank/INFO":                   "WITHSCORE, which makes the arity -3, came in 7.2",
	"zrevrank/INFO":                "WITHSCORE, which makes the arity -3, came in 7.2",
}

// unseen are the fields that are not compared: words, which are our own, and
// subcommands, which are compared by themselves.
var unseen = []string{"summary", "complexity", "history", "notes", "subcommands"}

// subcommands is the place of the subcommands in COMMAND INFO.
const subcommands = 9

// TestSpecs compares what COMMAND INFO and COMMAND DOCS say of each command with
// what redis-server says.
func TestSpecs(t *testing.T) {
	o := startOracle(t)
	theirs, err := connect(o.addr(), 3)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.close()
	ours, err := connect(testkit.Start(t, testkit.Config{}).Addr(), 3)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.close()
	table, err := command.NewTable(app.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range table.All() {
		if parseable(c.Since) && !older(o.version(), c.Since) {
			compareSpec(t, c.FullName, "INFO", ours, theirs, o.version())
			compareSpec(t, c.FullName, "DOCS", ours, theirs, o.version())
		}
	}
}

func parseable(version string) bool {
	_, err := parseVersion(version)
	return err == nil
}

func compareSpec(t *testing.T, name, what string, ours, theirs *client, version string) {
	t.Helper()
	if specExceptions[name+"/"+what] != "" {
		return
	}
	var texts []string
	for _, c := range []*client{ours, theirs} {
		v, err := c.must("COMMAND", what, name)
		if err != nil {
			t.Fatal(err)
		}
		if what == "INFO" && len(v.items) == 1 && len(v.items[0].items) > subcommands {
			v.items[0].items[subcommands] = value{}
		}
		texts = append(texts, format(seen(v, version)))
	}
	if texts[0] != texts[1] {
		at := 0
		for at < len(texts[0]) && at < len(texts[1]) && texts[0][at] == texts[1][at] {
			at++
		}
		at = max(0, at-100)
		t.Errorf("COMMAND %s %s\n    got  … %s\n    want … %s", what, name, short(texts[0][at:]), short(texts[1][at:]))
	}
}

// seen returns what is compared of a reply: without words, without what is
// newer than a version, and with sets in an order of their own.
func seen(v value, version string) value {
	var items []value
	for i := 0; i < len(v.items); i++ {
		switch {
		case v.kind == kindMap && i%2 == 0 && slices.Contains(unseen, v.items[i].text):
			i++
		case newer(v.items[i], version):
		default:
			items = append(items, seen(v.items[i], version))
		}
	}
	v.items = items
	if v.kind == kindSet {
		slices.SortFunc(v.items, func(a, b value) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return v
}

// newer reports whether an argument came after a version.
func newer(v value, version string) bool {
	for i := 0; v.kind == kindMap && i+1 < len(v.items); i += 2 {
		if v.items[i].text == "since" {
			return older(version, v.items[i+1].text)
		}
	}
	return false
}
