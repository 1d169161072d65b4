package teach

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
func Save(home string, t *understand.Trained) (err error) {
	path := filepath.Join(home, trainedFile)
	f, err := os.CreateTemp(home, trainedFile+".*")
	if err != nil {
		return fmt.Errorf("teach: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	err = t.Write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("teach: write %s: %w", path, err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("teach: write %s: %w", path, err)
	}
	return nil
}
