package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"kvd/internal/rediserr"
)

var (
	errNoRecipients = rediserr.New("ENCRYPT yes needs the setting snapshot-recipients")
	errNoIdentity   = rediserr.New("the snapshot is encrypted: reading it needs the setting snapshot-identity-file")
)

// encrypt returns a writer that encrypts to the configured recipients; Close ends
// the encryption and leaves out as it is.
func encrypt(out io.Writer, keys []string) (io.WriteCloser, error) {
	if len(keys) == 0 {
		return nil, errNoRecipients
	}
	list := make([]age.Recipient, len(keys))
	for i, key := range keys {
		r, err := parseRecipient(key)
		if err != nil {
			return nil, err
		}
		list[i] = r
	}
	return age.Encrypt(out, list...)
}

// parseRecipient reads a public key of any kind that age knows.
func parseRecipient(key string) (age.Recipient, error) {
	list, err := age.ParseRecipients(bytes.NewReader([]byte(key)))
	if err != nil || len(list) != 1 {
		return nil, fmt.Errorf("setting snapshot-recipients: %.80q is no public key of age: %w", key, err)
	}
	return list[0], nil
}

// CheckRecipient reports why key can't be used in snapshot-recipients.
func CheckRecipient(key string) error {
	_, err := parseRecipient(key)
	return err
}

// decrypt returns what is encrypted in in, with the keys of a file.
func decrypt(in io.Reader, identityFile string) (io.Reader, error) {
	if identityFile == "" {
		return nil, errNoIdentity
	}
	f, err := os.Open(identityFile)
	if err != nil {
		return nil, fmt.Errorf("setting snapshot-identity-file: %w", err)
	}
	defer f.Close()
	keys, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("setting snapshot-identity-file: %w", err)
	}
	out, err := age.Decrypt(in, keys...)
	if none := (*age.NoIdentityMatchError)(nil); errors.As(err, &none) {
		return nil, rediserr.New("the snapshot is encrypted to other keys than those of snapshot-identity-file")
	}
	return out, err
}
