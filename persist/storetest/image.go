package storetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// imageTries is how often Image begins anew.
const imageTries = 10

// Image copies the files of a store that is running, as a crash at this moment
// would leave them, to the new directory to. A store that makes its next file
// ready meanwhile renames it: the copy begins anew then. No checkpoint may be
// under way.
func Image(to, from string) error {
	var err error
	for range imageTries {
		err = os.CopyFS(to, os.DirFS(from))
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err := os.RemoveAll(to); err != nil {
			return fmt.Errorf("copy a data directory: %w", err)
		}
	}
	if err != nil {
		return fmt.Errorf("copy a data directory: %w", err)
	}
	return nil
}
