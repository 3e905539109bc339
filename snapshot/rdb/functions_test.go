package rdb

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestFunctions(t *testing.T) {
	want := []string{"#!lua name=a\n" + strings.Repeat("return 1 ", 50), "#!lua name=b\nx"}
	payload := EncodeFunctions(want)
	got, err := DecodeFunctions(payload)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%q, %v", got, err)
	}
	payload[3] ^= 1
	if _, err := DecodeFunctions(payload); !errors.Is(err, ErrChecksum) {
		t.Errorf("a changed payload: %v", err)
	}
	if _, err := DecodeFunctions(seal([]byte{functionLibrary, 200, 1}, 0, functionsVersion)); !errors.Is(err, ErrFormat) {
		t.Errorf("a payload that is cut: %v", err)
	}
}

func FuzzDecodeFunctions(f *testing.F) {
	f.Add(EncodeFunctions([]string{"#!lua name=a\nreturn 1"}))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if list, err := DecodeFunctions(payload); err == nil {
			if again, err := DecodeFunctions(EncodeFunctions(list)); err != nil || !slices.Equal(again, list) {
				t.Errorf("%q became %q, %v", list, again, err)
			}
		}
	})
}
