package teach

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cheval/internal/wholefile"
	"cheval/voice/understand"
)

// trainedFile holds the classifiers in use, in the home folder.
const trainedFile = "voice.classifiers"

// Load returns the classifiers that the shop trained; nil where it trained
// none, or another version of Cheval did: then the built-in ones serve.
func Load(home string) (*understand.Trained, error) {
	f, err := os.Open(filepath.Join(home, trainedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("teach: %w", err)
	}
	defer f.Close()
	t, err := understand.ReadTrained(f)
	if errors.Is(err, understand.ErrOtherGrammar) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("teach: %s: %w; delete it to go back to the built-in ones", f.Name(), err)
	}
	return t, nil
}

// Save puts classifiers into use for the next start, whole or not at all.
func Save(home string, t *understand.Trained) error {
	path := filepath.Join(home, trainedFile)
	if err := wholefile.Write(path, 0o600, func(f *os.File) error { return t.Write(f) }); err != nil {
		return fmt.Errorf("teach: write %s: %w", path, err)
	}
	return nil
}
