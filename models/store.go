package models

import (
	"cheval/models/convert"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Home is the folder that holds Cheval's data: CHEVAL_HOME, or cheval in the
// XDG data folder (~/.local/share). It need not exist yet.
func Home() (string, error) {
	if h := os.Getenv("CHEVAL_HOME"); h != "" {
		abs, err := filepath.Abs(h)
		if err != nil {
			return "", fmt.Errorf("models: CHEVAL_HOME %s: %w", h, err)
		}
		return abs, nil
	}
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "cheval"), nil
	}
	h, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("models: no home folder: %w; set CHEVAL_HOME to the folder for Cheval's data", err)
	}
	return filepath.Join(h, ".local", "share", "cheval"), nil
}

// Store is the folder of installed models, home/models. Any number of
// goroutines and processes may read it; installing takes a lock.
type Store struct {
	root  string
	items []Item
	// What touches the world, so that a test can fill the disk or cut the
	// network.
	create  func(path string) (file, error)
	free    func() (int64, error)
	fetch   func(ctx context.Context, p Package, dir string, seen func(int64)) (archive string, err error)
	convert func(tflite []byte) (onnx []byte, err error)
}

// file is what the store needs of a file that it writes.
type file interface {
	io.WriteCloser
	Sync() error
}

// OpenStore opens the store under home (see Home). Nothing needs to be
// installed, and nothing is written.
func OpenStore(home string) (*Store, error) {
	if st, err := os.Stat(home); err == nil && !st.IsDir() {
		return nil, fmt.Errorf("models: %s is a file, not a folder: set CHEVAL_HOME to a folder", home)
	}
	s := &Store{root: filepath.Join(home, "models"), items: Manifest(), create: createFile, fetch: fetchPackage, convert: convert.TFLite}
	s.free = func() (int64, error) { return diskFree(s.root) }
	return s, nil
}

// OpenHome opens the store where Cheval keeps its things on this machine.
func OpenHome() (*Store, error) {
	home, err := Home()
	if err != nil {
		return nil, err
	}
	return OpenStore(home)
}

// Folder is where the store keeps its files.
func (s *Store) Folder() string { return s.root }

// receipt stands beside each installed file and says what it was made of, so
// that a changed source or converter is noticed and a damaged file too.
type receipt struct {
	Source    string `json:"source_sha256"`
	Converter string `json:"converter,omitempty"`
	SHA256    string `json:"sha256"`
	Bytes     int64  `json:"bytes"`
}

// Path returns the installed file of the named item after checking its
// SHA-256 (of CUDA's libraries, gigabytes, only the size; Verify reads them).
// The error says what to do.
func (s *Store) Path(name string) (string, error) {
	it, err := s.find(name)
	if err != nil {
		return "", err
	}
	if err := s.check(it, !it.CUDA); err != nil {
		return "", err
	}
	return s.path(it), nil
}

// Read returns the bytes of the named item, the same that were checked.
func (s *Store) Read(name string) ([]byte, error) {
	it, err := s.find(name)
	if err != nil {
		return nil, err
	}
	r, err := s.receipt(it)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(s.path(it))
	if err != nil {
		return nil, fmt.Errorf("models: read %s: %w; run `make models` to install it again", name, err)
	}
	if sum := hashOf(b); sum != r.SHA256 {
		return nil, damaged(it, s.path(it))
	}
	return b, nil
}

func (s *Store) find(name string) (Item, error) {
	for _, it := range s.items {
		if it.Name == name {
			return it, nil
		}
	}
	if it, ok := s.imported(name); ok {
		return it, nil
	}
	return Item{}, fmt.Errorf("models: there is no model %q; `cheval models list` names them", name)
}

func (s *Store) path(it Item) string { return filepath.Join(s.root, filepath.FromSlash(it.File)) }

func (s *Store) receiptPath(it Item) string { return s.path(it) + ".receipt" }

// receipt reads an item's receipt and checks that it is of the item as it is
// pinned now.
func (s *Store) receipt(it Item) (r receipt, err error) {
	b, err := os.ReadFile(s.receiptPath(it))
	if errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("models: %s is not installed in %s: run `make models` (or `%s`)", it.Name, s.root, installCommand(it))
	}
	if err != nil {
		return r, fmt.Errorf("models: %s: %w; run `make models`", it.Name, err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("models: %s: its receipt is damaged: run `make models` to install it again", it.Name)
	}
	if it.SHA256 != "" && r.Source != it.SHA256 || r.Converter != converterVersion(it) {
		return r, fmt.Errorf("models: %s was installed by another version of Cheval: run `make models` to bring it up to date", it.Name)
	}
	return r, nil
}

// check says in one sentence what is wrong with an installed item; full reads
// it and compares its SHA-256, else only its size is compared.
func (s *Store) check(it Item, full bool) error {
	r, err := s.receipt(it)
	if err != nil {
		return err
	}
	path := s.path(it)
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("models: %s is gone from %s: run `make models` to install it again", it.Name, s.root)
	case err != nil:
		return fmt.Errorf("models: %s: %w", it.Name, err)
	case st.Size() != r.Bytes:
		return damaged(it, path)
	case !full:
		return nil
	}
	sum, err := hashFile(path)
	if err != nil {
		return fmt.Errorf("models: read %s: %w", it.Name, err)
	}
	if sum != r.SHA256 {
		return damaged(it, path)
	}
	return nil
}

func damaged(it Item, path string) error {
	return fmt.Errorf("models: %s is damaged (%s does not have the SHA-256 that was installed): run `make models` to install it again", it.Name, path)
}

func installCommand(it Item) string {
	if it.CUDA {
		return "cheval models install --cuda"
	}
	return "cheval models install"
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
