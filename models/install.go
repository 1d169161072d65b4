package models

import (
	"bytes"
	"cheval/models/convert"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Step is one moment of an installation.
type Step struct {
	What  string // "download", "unpack", "convert" or "keep" (already there)
	Name  string // the package or the item
	Done  int64  // bytes, or 0 at the beginning
	Total int64  // bytes; Done == Total when the step ends
}

// InstallOptions say what to install and whom to tell.
type InstallOptions struct {
	// CUDA adds ONNX Runtime's CUDA provider and NVIDIA's libraries (1.2 GB).
	CUDA bool
	// Progress, which may be nil, is told of every step; not on one goroutine
	// only, but one call at a time.
	Progress func(Step)
}

// Install fetches, verifies and converts what is missing, and leaves alone
// what is there and whole. Interrupted, it goes on where it was when called
// again: every finished file is kept, and no file is ever half written. A
// second installation at the same time waits for the first.
func (s *Store) Install(ctx context.Context, o InstallOptions) error {
	if o.Progress == nil {
		o.Progress = func(Step) {}
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.removePartial(); err != nil {
		return err
	}
	todo := s.missing(o)
	if todo, err = s.convertKept(todo, o); err != nil {
		return err
	}
	if err := s.checkSpace(todo); err != nil {
		return err
	}
	todo, derived := apart(todo)
	for len(todo) > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("models: installation interrupted (%w): what was finished is kept; run `make models` again to go on", context.Cause(ctx))
		}
		p := todo[0].Package
		mine := slices.DeleteFunc(slices.Clone(todo), func(it Item) bool { return it.Package != p })
		if err := s.installPackage(ctx, p, mine, o); err != nil {
			return err
		}
		todo = slices.DeleteFunc(todo, func(it Item) bool { return it.Package == p })
	}
	for _, it := range derived {
		if err := s.derive(it, o); err != nil {
			return err
		}
	}
	return nil
}

// missing lists the items to install, and tells of those that are there.
func (s *Store) missing(o InstallOptions) (todo []Item) {
	for _, it := range s.items {
		switch {
		case it.CUDA && !o.CUDA:
		case s.check(it, true) == nil:
			o.Progress(Step{What: "keep", Name: it.Name, Done: it.Bytes, Total: it.Bytes})
		default:
			todo = append(todo, it)
		}
	}
	return todo
}

// convertKept converts anew, without the network, the items whose source is
// still here, and returns the rest. It is what a new converter causes.
func (s *Store) convertKept(todo []Item, o InstallOptions) (rest []Item, err error) {
	for _, it := range todo {
		src, readErr := os.ReadFile(s.sourcePath(it))
		if !it.Kind.converted() || readErr != nil || hashOf(src) != it.SHA256 {
			rest = append(rest, it)
			continue
		}
		if err := s.convertInto(it, src, o); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// installPackage brings one archive here, unless it is, and takes its items.
func (s *Store) installPackage(ctx context.Context, p Package, items []Item, o InstallOptions) error {
	archive, err := s.fetchOnce(ctx, p, o)
	if err != nil {
		return err
	}
	if err := s.unpack(archive, items, o); err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			return err // and the archive serves the next try
		}
		os.Remove(archive)
		return fmt.Errorf("%w (%s)", err, p)
	}
	if err := os.Remove(archive); err != nil {
		return writeError(archive, err)
	}
	return nil
}

// fetchOnce returns the package's archive in the store's downloads.
func (s *Store) fetchOnce(ctx context.Context, p Package, o InstallOptions) (string, error) {
	extension := ".whl"
	if p.Registry == "npm" {
		extension = ".tgz"
	}
	name := strings.NewReplacer("@", "", "/", "-").Replace(p.Name)
	archive := filepath.Join(s.root, "downloads", name+"-"+p.Version+extension)
	if _, err := os.Stat(archive); err == nil {
		return archive, nil
	}
	dir := archive + partial
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", writeError(dir, err)
	}
	defer os.RemoveAll(dir)
	tell := func(n int64) { o.Progress(Step{"download", p.Name + " " + p.Version, n, p.Bytes}) }
	tell(0)
	got, err := s.fetch(ctx, p, dir, func(n int64) { tell(min(n, p.Bytes*99/100)) })
	if err != nil {
		return "", err
	}
	if err := os.Rename(got, archive); err != nil {
		return "", writeError(archive, err)
	}
	tell(p.Bytes)
	return archive, nil
}

// unpack installs the items from an archive, and fails if one is not in it.
func (s *Store) unpack(archive string, items []Item, o InstallOptions) error {
	found := map[string]bool{}
	err := eachWanted(archive, items, func(it Item, r io.Reader) error {
		found[it.Name] = true
		return s.take(it, r, o)
	})
	if err != nil {
		return err
	}
	for _, it := range items {
		if !found[it.Name] {
			return fmt.Errorf("models: %s: %s holds no %s: this is not the package that Cheval knows", it.Name, filepath.Base(archive), it.Path)
		}
	}
	return nil
}

// take installs one item from its own bytes.
func (s *Store) take(it Item, r io.Reader, o InstallOptions) error {
	o.Progress(Step{"unpack", it.Name, 0, it.Bytes})
	if !it.Kind.converted() {
		if err := s.put(it, r, receipt{Source: it.SHA256}, true); err != nil {
			return err
		}
		o.Progress(Step{"unpack", it.Name, it.Bytes, it.Bytes})
		return nil
	}
	src, err := io.ReadAll(io.LimitReader(r, it.Bytes+1))
	if err != nil {
		return fmt.Errorf("models: unpack %s: %w", it.Path, err)
	}
	if err := checkPinned(it, hashOf(src)); err != nil {
		return err
	}
	if err := s.write(s.sourcePath(it), bytes.NewReader(src)); err != nil {
		return err
	}
	o.Progress(Step{"unpack", it.Name, it.Bytes, it.Bytes})
	return s.convertInto(it, src, o)
}

// convertInto writes an item's ONNX form.
func (s *Store) convertInto(it Item, src []byte, o InstallOptions) error {
	o.Progress(Step{"convert", it.Name, 0, it.Bytes})
	onnx, err := s.onnxOf(it, src)
	if err != nil {
		return fmt.Errorf("models: convert %s: %w", it.Name, err)
	}
	if err := s.put(it, bytes.NewReader(onnx), receipt{Source: it.SHA256, Converter: convert.Version}, false); err != nil {
		return err
	}
	o.Progress(Step{"convert", it.Name, it.Bytes, it.Bytes})
	return nil
}

// onnxOf converts by kind. Layers models leave their picture's size open; the
// manifest gives it.
func (s *Store) onnxOf(it Item, src []byte) ([]byte, error) {
	if it.Kind == Layers {
		shape := it.Inputs[0].Shape
		return convert.Layers(src, int(shape[2]), int(shape[3]))
	}
	return s.convert(src)
}

// sourcePath is where the unconverted bytes of an item are kept, so that a new
// converter needs no network.
func (s *Store) sourcePath(it Item) string {
	return filepath.Join(s.root, "source", it.Name+"."+string(it.Kind))
}

// lock makes this process the only one that installs. The lock dies with the
// process.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(s.root, 0o755); err != nil {
		return nil, writeError(s.root, err)
	}
	path := filepath.Join(s.root, ".lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, writeError(path, err)
	}
	if err := waitForLock(ctx, f); err != nil {
		f.Close()
		return nil, fmt.Errorf("models: %s: another installation holds it: %w", path, err)
	}
	return func() { f.Close() }, nil
}

// removePartial clears what an interruption left.
func (s *Store) removePartial() error {
	var found []string
	for _, pattern := range []string{"*" + partial, "*/*" + partial} {
		m, err := filepath.Glob(filepath.Join(s.root, pattern))
		if err != nil {
			return fmt.Errorf("models: %w", err)
		}
		found = append(found, m...)
	}
	for _, path := range found {
		if err := os.RemoveAll(path); err != nil {
			return writeError(path, err)
		}
	}
	return nil
}

// checkSpace says before anything is downloaded that the disk is too small:
// at most one archive (twice, while its client moves it), and all items, lie
// there at once.
func (s *Store) checkSpace(todo []Item) error {
	var need, archive int64
	for _, it := range todo {
		need += it.Bytes
		if it.Kind.converted() {
			need += it.Bytes + it.Bytes/2 // the ONNX form, float32
		}
		archive = max(archive, it.Package.Bytes)
	}
	if len(todo) > 0 {
		need += 2*archive + 4<<20
	}
	free, err := s.free()
	if err != nil {
		return fmt.Errorf("models: ask how full the disk of %s is: %w", s.root, err)
	}
	if free < need {
		return fmt.Errorf("models: install into %s: the disk has %d MB free and %d MB are needed: free some space, or set CHEVAL_HOME to a folder on another disk", s.root, free>>20, need>>20+1)
	}
	return nil
}
