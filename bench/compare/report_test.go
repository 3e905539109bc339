package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values series
		want   float64
	}{
		{series{7}, 7},
		{series{9, 1, 5}, 5},
		{series{4, 1, 3, 2}, 2.5},
	} {
		if got := test.values.median(); got != test.want {
			t.Errorf("median of %v = %v, want %v", test.values, got, test.want)
		}
	}
	if got := (series{}).median(); !math.IsNaN(got) {
		t.Errorf("median of nothing = %v, want NaN", got)
	}
}

func TestShort(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 0.00123: "0.0012", 0.5: "0.50", 9.994: "9.99", 11.26: "11.3", 112.4: "112",
		3241: "3,241", 43600.4: "43,600", 1e6: "1,000,000", math.Inf(1): "–",
	} {
		if got := short(f); got != want {
			t.Errorf("short(%v) = %q, want %q", f, got, want)
		}
	}
	if got := short(math.NaN()); got != "–" {
		t.Errorf("short(NaN) = %q", got)
	}
}

func TestMark(t *testing.T) {
	none := math.NaN()
	for _, test := range []struct {
		mark       mark
		kvd, redis float64
		want       verdict
		shown      string
	}{
		{mark{ratioAtMost, 0.7}, 0.7, 1, met, "ratio ≤ 0.70"},
		{mark{ratioAtMost, 0.7}, 0.71, 1, missed, "ratio ≤ 0.70"},
		{mark{ratioAtLeast, 1}, 101, 100, met, "ratio ≥ 1.00"},
		{mark{ratioAtLeast, 1}, 99, 100, missed, "ratio ≥ 1.00"},
		{mark{valueAtMost, 115}, 115, none, met, "at most 115"},
		{mark{valueAtMost, 115}, 116, 200, missed, "at most 115"},
		{mark{belowPeer, 0}, 1.2, 1.7, met, "below Redis's"},
		{mark{belowPeer, 0}, 1.7, 1.7, missed, "below Redis's"},
		{mark{ratioAtMost, 1}, 1, none, unknown, "ratio ≤ 1.00"},
		{mark{valueAtMost, 1}, none, 1, unknown, "at most 1.00"},
		{mark{}, 1, 1, unknown, ""},
	} {
		if got := test.mark.of(test.kvd, test.redis); got != test.want {
			t.Errorf("%v of %v and %v: %q, want %q", test.mark, test.kvd, test.redis, got, test.want)
		}
		if got := test.mark.String(); got != test.shown {
			t.Errorf("shown as %q, want %q", got, test.shown)
		}
	}
}

// sampleReport has a row that is met, one with a gap and one that only kvd has.
func sampleReport() report {
	return report{
		Date: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Rounds: 3, Load: "redis-benchmark",
		Machine: machine{Cores: 2, Memory: 8 << 30, Kernel: "Linux 6.1", Disk: "ext4", Go: "go1.26"},
		Targets: []subject{{kvdName, "0.1.0"}, {redisName, "7.0.15"}},
		Rows: []row{
			{
				Name: "GET", Unit: micros, Chart: chartPiped, Mark: mark{ratioAtMost, 0.7},
				Values: map[string]series{kvdName: {1, 3, 2}, redisName: {4, 4, 4}},
			},
			{
				Name: "INCR", Unit: micros, Chart: chartPiped,
				Values: map[string]series{redisName: {1.5}}, Gaps: map[string]string{kvdName: "ERR no"},
			},
			{Name: "pause", Unit: millis, Mark: mark{valueAtMost, 1}, Values: map[string]series{kvdName: {2}}},
		},
	}
}

func TestTable(t *testing.T) {
	table := sampleReport().table()
	for _, want := range []string{
		"| GET | µs CPU | 2.00 | 4.00 | 0.50 | ratio ≤ 0.70 | yes | 1.00–3.00 | 4.00–4.00 |",
		"| INCR | µs CPU | – | 1.50 | – |  |  |  |  |",
		"| pause | ms | 2.00 | – | – | at most 1.00 | **no** |  |  |",
	} {
		if !strings.Contains(table, want+"\n") {
			t.Errorf("no line %q in\n%s", want, table)
		}
	}
	if text := sampleReport().markdown(); !strings.Contains(text, "- kvd, INCR: ERR no\n") || !strings.Contains(text, "2 cores, 8 GiB") {
		t.Errorf("gap or machine is missing:\n%s", text)
	}
}

func TestRewriteReadme(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	const before, after = "# kvd\n\n<!-- bench -->\n", "<!-- /bench -->\n\nMore.\n"
	if err := os.WriteFile(path, []byte(before+"old\n"+after), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // doing it again changes nothing
		if err := rewriteReadme(path, sampleReport(), "bench/results"); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := before + sampleReport().short("bench/results") + after
	if string(text) != want || !strings.Contains(want, "| GET | 2.00 µs CPU | 4.00 µs CPU | 0.50 |\n") {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if _, err := replaceBlock("no markers", "x"); err == nil {
		t.Error("no error without markers")
	}
}

func TestReportIsReadBack(t *testing.T) {
	dir, r := t.TempDir(), sampleReport()
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := readReport(filepath.Join(dir, "raw", "2026-03-04.json"))
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, r)
	}
	for _, c := range r.charts() {
		if _, err := os.Stat(filepath.Join(dir, c.file)); err != nil {
			t.Error(err)
		}
	}
}

func TestCharts(t *testing.T) {
	charts := sampleReport().charts()
	if len(charts) != 1 || len(charts[0].groups) != 2 {
		t.Fatalf("charts %+v, want one with two groups", charts)
	}
	svg := charts[0].svg()
	for _, want := range []string{`width="560.0"`, `width="280.0"`, `width="0.0"`, ">4.00<", ">–<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
	hostile := chart{title: `<&">`, groups: []group{{name: "]]>", bars: []bar{{name: "<", value: math.NaN()}}}}}
	for _, text := range []string{svg, hostile.svg()} {
		decoder := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
		}
	}
}

// TestExperiments checks what the runs rely on and what files are named by.
func TestExperiments(t *testing.T) {
	names, files := map[string]bool{}, map[string]string{}
	for _, e := range experiments {
		for _, r := range e.rows {
			if names[r.Name] {
				t.Errorf("two rows %q", r.Name)
			}
			names[r.Name] = true
			if title, ok := files[slug(r.Chart)]; ok && title != r.Chart {
				t.Errorf("charts %q and %q have one file", title, r.Chart)
			}
			files[slug(r.Chart)] = r.Chart
		}
	}
}
