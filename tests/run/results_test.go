package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestResults(t *testing.T) {
	t.Parallel()
	const (
		pass = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":1.5}
`
		fail = `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:9: got 1\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
`
		skip = `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:5: no oracle\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}
`
		build = `{"ImportPath":"p","Action":"build-output","Output":"a.go:1: undefined\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`
		hang = `{"Action":"output","Package":"p","Test":"TestA","Output":"panic: test timed out\n"}
{"Action":"output","Package":"p","Output":"FAIL p\n"}
{"Action":"fail","Package":"p"}
`
		none = `{"Action":"skip","Package":"p"}
`
	)
	tests := []struct {
		name    string
		stages  []string
		verdict string
		shows   string
		good    bool
	}{
		{"pass", []string{pass}, "total: 1 passed, 0 failed, 0 skipped\n", "ok", true},
		{
			"skip is shown with its reason",
			[]string{pass, strings.ReplaceAll(skip, "TestA", "TestB")},
			"total: 1 passed, 0 failed, 1 skipped\n", "skipped: p TestB: no oracle", true,
		},
		{"a later stage runs it", []string{skip, pass}, "total: 1 passed, 0 failed, 0 skipped\n", "ok", true},
		{"a failure stays", []string{fail, pass}, "total: 0 passed, 1 failed, 0 skipped\n", "a_test.go:9: got 1", false},
		{"it does not compile", []string{pass, build}, "total: 1 passed, 1 failed, 0 skipped\n", "undefined", false},
		{"it hangs", []string{hang}, "total: 0 passed, 1 failed, 0 skipped\n", "timed out", false},
		{"nothing ran", []string{none}, "total: 0 passed, 0 failed, 0 skipped\n", "total", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, out := newResults(), &bytes.Buffer{}
			for _, s := range tt.stages {
				if err := r.read(strings.NewReader(s), out); err != nil {
					t.Fatal(err)
				}
			}
			if good := r.report(out); good != tt.good {
				t.Errorf("good = %t, want %t", good, tt.good)
			}
			if !strings.HasSuffix(out.String(), "\n"+tt.verdict) || !strings.Contains(out.String(), tt.shows) {
				t.Errorf("got\n%s\nwant %q and %q", out, tt.shows, tt.verdict)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	if all, err := choose(""); err != nil || len(all) != len(stages) {
		t.Errorf("no list: %d stages, %v", len(all), err)
	}
	some, err := choose("fuzz,vet")
	if err != nil || len(some) != 2 || some[0].name != "vet" || some[1].name != "fuzz" {
		t.Errorf("fuzz,vet: %d stages, %v", len(some), err)
	}
	if _, err := choose("vet,nosuch"); err == nil {
		t.Error("an unknown stage is accepted")
	}
}
