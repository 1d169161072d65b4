package queue

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cheval/studio"
	"cheval/studio/photo"

	"github.com/fsnotify/fsnotify"
)

// A file that is being copied is whole when its size has not changed for
// settled and it decodes; one that does not decode is given up after patience.
const (
	settled  = 1500 * time.Millisecond
	patience = 20 * time.Second
	lookAt   = 500 * time.Millisecond
)

// Watch calls found for every photo in the folder dir, those that are there and
// those that come, once each copy is whole; bad for files that look like photos
// and are none. It returns when ctx ends or the folder can no longer be
// watched; found and bad are called on its goroutine.
func Watch(ctx context.Context, dir string, found func(path string), bad func(path string, err error)) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("queue: watch folders: %w", err)
	}
	defer w.Close()
	if err := w.Add(dir); err != nil {
		return fmt.Errorf("queue: watch the folder %s: %w", filepath.Base(dir), err)
	}
	// After Add, so that nothing falls between.
	there, err := studio.Pictures(dir)
	if err != nil {
		return err
	}
	p := &pending{files: map[string]*growing{}, found: found, bad: bad}
	for _, path := range there {
		p.seen(path)
	}
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-w.Events:
			if !ok {
				return fmt.Errorf("queue: the folder %s is no longer watched", filepath.Base(dir))
			}
			if e.Has(fsnotify.Create) || e.Has(fsnotify.Write) || e.Has(fsnotify.Rename) {
				p.seen(e.Name)
			}
			if e.Name == dir && (e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)) {
				return fmt.Errorf("queue: the folder %s is gone", filepath.Base(dir))
			}
		case err := <-w.Errors:
			return fmt.Errorf("queue: watch the folder %s: %w", filepath.Base(dir), err)
		case <-tick.C:
			p.look(time.Now())
		}
	}
}

// pending are the files that are not known to be whole yet.
type pending struct {
	files map[string]*growing
	found func(string)
	bad   func(string, error)
}

type growing struct {
	size        int64
	changed     time.Time
	first       time.Time
	triedAtSize int64
}

func (p *pending) seen(path string) {
	if !studio.IsPicture(path) {
		return
	}
	if g := p.files[path]; g != nil {
		g.changed = time.Now()
		return
	}
	p.files[path] = &growing{size: -1, changed: time.Now(), first: time.Now(), triedAtSize: -1}
}

// look hands on what has settled.
func (p *pending) look(now time.Time) {
	paths := make([]string, 0, len(p.files))
	for path := range p.files {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		g := p.files[path]
		st, err := os.Stat(path)
		if err != nil || !st.Mode().IsRegular() {
			delete(p.files, path) // renamed or removed meanwhile
			continue
		}
		if st.Size() != g.size {
			g.size, g.changed = st.Size(), now
			continue
		}
		if now.Sub(g.changed) < settled || g.triedAtSize == g.size && now.Sub(g.first) < patience {
			continue
		}
		_, err = photo.Read(path)
		switch {
		case err == nil:
			delete(p.files, path)
			p.found(path)
		case now.Sub(g.first) >= patience:
			delete(p.files, path)
			p.bad(path, err)
		default:
			g.triedAtSize = g.size
		}
	}
}
