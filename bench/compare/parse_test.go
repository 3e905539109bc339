package main

import (
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const line = "42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 7 3 20 0 4 0 100 1000 100\n"
	own, children, err := parseStat(line)
	if err != nil || own != 2*time.Second || children != 100*time.Millisecond {
		t.Errorf("%v, %v, %v", own, children, err)
	}
	for _, bad := range []string{"", "42", "42 (a) S 1 2", strings.Replace(line, "150", "x", 1)} {
		if _, _, err := parseStat(bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

func TestParseKiB(t *testing.T) {
	const text = "Name:\tkvd\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\nbad: x kB\n"
	if n, err := parseKiB(text, "VmRSS"); err != nil || n != 1<<20 {
		t.Errorf("%v, %v", n, err)
	}
	for _, name := range []string{"Vm", "bad"} {
		if _, err := parseKiB(text, name); err == nil {
			t.Errorf("no error for %s", name)
		}
	}
}

func TestParseMounts(t *testing.T) {
	const text = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
30 27 0:30 / /tmp rw - tmpfs tmpfs rw
31 27 0:31 / /tmpfiles rw - xfs /dev/b rw
short line
`
	for dir, want := range map[string]string{"/": "ext4", "/home/x": "ext4", "/tmp": "tmpfs", "/tmp/a/b": "tmpfs", "/tmpfiles/a": "xfs"} {
		if m, err := parseMounts(text, dir); err != nil || m.kind != want {
			t.Errorf("%s: %+v, %v; want %s", dir, m, err, want)
		}
	}
	if m, err := parseMounts(text, "/x"); err != nil || m.device != "254:0" {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := parseMounts("", "/"); err == nil {
		t.Error("no error without file systems")
	}
}

func TestParseFlushes(t *testing.T) {
	if n, err := parseFlushes("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n"); err != nil || n != 16 {
		t.Errorf("%v, %v", n, err)
	}
	if _, err := parseFlushes("1 2 3 4 5 6 7 8 9 10 11"); err == nil {
		t.Error("no error for an old kernel")
	}
}

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]string{
		"kvd 0.1.0 (compatible with Redis 7.2.5, go1.26)":      "0.1.0",
		"Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc": "7.0.15",
		"strange": "strange",
	} {
		if got := parseVersion(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestInfoLine(t *testing.T) {
	const info = "# Server\r\nprocess_id:42\r\nprocess:7\r\n"
	if got := infoLine(info, "process_id"); got != "42" {
		t.Errorf("got %q", got)
	}
	if got := infoLine(info, "none"); got != "" {
		t.Errorf("got %q", got)
	}
}
