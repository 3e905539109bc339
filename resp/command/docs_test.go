package command

import (
	"errors"
	"strings"
	"testing"

	"kvd/resp/reply"
)

func TestWriteDocs(t *testing.T) {
	table := newTable(t, with(good("get"), func(s *Spec) {
		s.Flags |= Fast
		s.Deprecated = &Deprecation{Since: "2.0.0", ReplacedBy: "GETEX"}
		s.History = []Change{{"1.5.0", "Became faster."}}
	}), container("client"), sub("client", "id"))
	var first, second strings.Builder
	if err := errors.Join(WriteDocs(&first, table), WriteDocs(&second, table)); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Error("the same table gave two texts")
	}
	for _, want := range []string{
		"## test\n", "### GET\n\n    GET key\n\nDoes something.", "Deprecated since 2.0.0: use GETEX.",
		"- Flags: readonly, fast\n", "- Categories: @read @fast\n", "- 1.5.0: Became faster.\n", "### CLIENT ID\n",
	} {
		if !strings.Contains(first.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, first.String())
		}
	}
	if strings.Contains(first.String(), "### CLIENT\n") {
		t.Error("a mere container is listed")
	}
	if err := WriteDocs(failing{}, table); !errors.Is(err, errFailing) {
		t.Error(err)
	}
}

var errFailing = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }

func TestHelp(t *testing.T) {
	table := newTable(t, container("client"), with(sub("client", "help"), func(s *Spec) { s.Handler = Help }),
		with(sub("client", "kill"), func(s *Spec) { s.Syntax, s.Arity = "address", 3 }))
	var out reply.Writer
	help := table.LookupFull([]byte("client|help"))
	if err := help.Handler(&Ctx{Command: help, Out: &out}); err != nil {
		t.Fatal(err)
	}
	got := string(out.Since(reply.Mark{}))
	want := "*5\r\n+CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n+HELP\r\n+    Does something.\r\n" +
		"+KILL address\r\n+    Does something.\r\n"
	if got != want {
		t.Errorf("%q", got)
	}
}
