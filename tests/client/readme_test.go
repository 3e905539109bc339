package client

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kvd/tests/blackbox"
)

// prompt begins the lines of the README that a reader types into redis-cli.
const prompt = "127.0.0.1:6379> "

// step is a line that is typed and what the README shows as its answer.
type step struct{ typed, answer string }

// TestReadme types what the README shows into redis-cli, and compares the answers.
// An ellipsis stands for whatever changes from run to run.
func TestReadme(t *testing.T) {
	cli := need(t, "redis-cli")
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	steps := session(string(text))
	if len(steps) < 20 {
		t.Fatalf("%d lines were found", len(steps))
	}
	for _, step := range steps {
		r := blackbox.Pipe(t, toolWithin, step.typed+"\n", cli, "--no-raw", "-p", strconv.Itoa(s.Port))
		if !matches(step.answer, strings.TrimSpace(r.Output)) {
			t.Errorf("%s\n got\n%s\nwant\n%s", step.typed, r.Output, step.answer)
		}
	}
}

// session returns the lines that are typed at the prompt, with their answers.
func session(text string) (steps []step) {
	open := false
	for _, line := range strings.Split(text, "\n") {
		line, indented := strings.CutPrefix(line, "    ")
		typed, prompted := strings.CutPrefix(line, prompt)
		switch {
		case !indented:
			open = false
		case prompted:
			steps = append(steps, step{typed: typed})
			open = true
		case open:
			last := &steps[len(steps)-1]
			last.answer = strings.TrimPrefix(last.answer+"\n"+line, "\n")
		}
	}
	return steps
}

// matches reports whether an answer is what is shown.
func matches(shown, answer string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(shown)), "…", ".*")
	return regexp.MustCompile(`(?s)^` + pattern + `$`).MatchString(answer)
}
