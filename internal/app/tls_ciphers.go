package app

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
)

// errNoCipher says that a list of ciphers leaves nothing.
var errNoCipher = errors.New("none of these ciphers is available; leave the option empty for all secure ones")

// cipherSuites returns the suites of TLS 1.2 that a list in the notation of
// OpenSSL names, nil for an empty one: then all secure suites are offered. Names
// of single ciphers count, those of OpenSSL and of the standard; DEFAULT, ALL and
// HIGH stand for all, a leading "!" or "-" takes a cipher away, and what is not
// available is passed over. In which order they are tried is up to Go.
func cipherSuites(list string) ([]uint16, error) {
	words := strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(":, ", r) })
	if len(words) == 0 {
		return nil, nil
	}
	var chosen []uint16
	for _, word := range words {
		name, removed := strings.CutPrefix(word, "!")
		if !removed {
			name, removed = strings.CutPrefix(word, "-")
		}
		for _, id := range suitesNamed(name) {
			chosen = slices.DeleteFunc(chosen, func(other uint16) bool { return other == id })
			if !removed {
				chosen = append(chosen, id)
			}
		}
	}
	if len(chosen) == 0 {
		return nil, errNoCipher
	}
	return chosen, nil
}

// suitesNamed returns the suites that a word stands for.
func suitesNamed(word string) (ids []uint16) {
	all := word == "DEFAULT" || word == "ALL" || word == "HIGH"
	for _, s := range tls.CipherSuites() {
		if slices.Contains(s.SupportedVersions, tls.VersionTLS12) && (all || word == s.Name || word == openSSLName(s.Name)) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// openSSLName is how OpenSSL calls a suite of the standard:
// ECDHE-RSA-AES128-GCM-SHA256 for TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.
func openSSLName(name string) string {
	name = strings.NewReplacer("TLS_", "", "_WITH_", "-", "AES_128", "AES128", "AES_256", "AES256", "_CBC", "", "_", "-").Replace(name)
	if strings.Contains(name, "CHACHA20") {
		name = strings.TrimSuffix(name, "-SHA256")
	}
	return name
}
