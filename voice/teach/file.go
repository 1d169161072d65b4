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

// Using returns t (nil: the built-in classifiers) with the sentences that were
// taught and corrected so far, which are meant exactly; training again, which
// takes longer, makes their like understood as well.
func (l *Loop) Using(t *understand.Trained) (*understand.Trained, error) {
	if t == nil {
		var err error
		if t, err = understand.Built(); err != nil {
			return nil, err
		}
	}
	all, err := l.Examples()
	if err != nil {
		return nil, err
	}
	return t.WithPhrases(exactly(all)), nil
}

// exactly are the sentences that mean what was said of them.
func exactly(all []Example) (out []understand.Example) {
	for _, x := range all {
		if x.Origin != Confirmed {
			out = append(out, x.Example)
		}
	}
	return out
}
