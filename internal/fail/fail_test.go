package fail

import (
	"errors"
	"testing"
)

func TestPoint(t *testing.T) {
	p := New("test.point")
	if err := p.Err(); err != nil || p.Name() != "test.point" {
		t.Fatalf("an unarmed point gave %v, is called %q", err, p.Name())
	}
	full := errors.New("disk full")
	p.Set(func() error { return full })
	if err := p.Err(); !errors.Is(err, full) {
		t.Errorf("an armed point gave %v", err)
	}
	p.Set(nil)
	if err := p.Err(); err != nil {
		t.Errorf("a disarmed point gave %v", err)
	}
}

func TestKillAt(t *testing.T) {
	tests := []struct {
		list string
		n    int64
		ok   bool
	}{
		{"", 0, false},
		{"a=kill:3", 3, true},
		{"b=kill:1,a=kill:12", 12, true},
		{"a=kill:0", 0, false},
		{"a=kill:x", 0, false},
		{"a=stop:3", 0, false},
		{"ab=kill:3", 0, false},
	}
	for _, tt := range tests {
		n, ok := killAt(tt.list, "a")
		if ok != tt.ok || ok && n != tt.n {
			t.Errorf("killAt(%q) = %d, %v; want %d, %v", tt.list, n, ok, tt.n, tt.ok)
		}
	}
}
