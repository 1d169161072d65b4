package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"fyne.io/fyne/v2"

	"cheval/catalog/store"
	"cheval/studio/queue"
)

// watched is a folder whose photos are queued as they come, on one goroutine.
type watched struct {
	stop context.CancelFunc
	done chan struct{}
}

// folderStatus is how the watched folder stands.
type folderStatus struct {
	Dir   string // "": none is watched
	Taken int    // photos that were queued since it is watched
	Bad   []string
	Err   error // why it is watched no longer
}

// badShown is how many files that are no photos are kept to be told of.
const badShown = 20

// followFolder watches the folder that the settings name, once the desk is open.
func (a *App) followFolder() {
	desk, dir := a.desk, a.settings.Studio.Watch
	if desk == nil || desk.folderNow().Dir == dir && desk.folderNow().Err == nil {
		return
	}
	a.inBackground(func(context.Context) error {
		desk.follow(dir)
		return nil
	}, a.notice)
}

// follow watches dir from now on instead of what was watched before, whose end
// it waits for; "" watches nothing.
func (d *photoDesk) follow(dir string) {
	d.following.Lock()
	defer d.following.Unlock()
	if d.watched != nil {
		d.watched.stop()
		<-d.watched.done
		d.watched = nil
	}
	d.tellFolder(func(s *folderStatus) { *s = folderStatus{Dir: dir} })
	if dir == "" {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &watched{stop: stop, done: make(chan struct{})}
	d.watched = w
	go func() {
		defer close(w.done)
		err := queue.Watch(ctx, dir, func(path string) { d.came(ctx, path) }, d.refused)
		d.tellFolder(func(s *folderStatus) { s.Err = err })
	}()
}

// came queues a photo, unless it made a product before or waits already: the
// folder is read again at every start.
func (d *photoDesk) came(ctx context.Context, path string) {
	j, err := d.importer.Take(path, "", nil)
	switch {
	case errors.Is(err, queue.ErrKnown) || err == nil && d.queued(j):
		return
	case err == nil:
		_, err = d.queue.Add(ctx, j)
	}
	if err != nil {
		d.refused(path, err)
		return
	}
	d.tellFolder(func(s *folderStatus) { s.Taken++ })
}

// queued says whether a job for the same photo is there.
func (d *photoDesk) queued(j store.Job) bool {
	s := d.queue.Status()
	there := append(s.Waiting, s.Failed...)
	if s.Current != nil {
		there = append(there, s.Current.Job)
	}
	for _, other := range there {
		if bytes.Equal(other.Payload, j.Payload) {
			return true
		}
	}
	return false
}

func (d *photoDesk) refused(path string, err error) {
	d.tellFolder(func(s *folderStatus) {
		s.Bad = append(s.Bad, fmt.Sprintf("%s: %v", filepath.Base(path), err))
		s.Bad = s.Bad[max(0, len(s.Bad)-badShown):]
	})
}

func (d *photoDesk) tellFolder(change func(*folderStatus)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.folder)
}

func (d *photoDesk) folderNow() folderStatus {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.folder
	s.Bad = append([]string(nil), s.Bad...)
	return s
}

// folderRows show the watched folder on the photos' strip.
func (c *cataloguePage) folderRows(s folderStatus) (rows []fyne.CanvasObject) {
	l, t := c.p.look, c.p.look.tr
	if s.Dir == "" {
		return nil
	}
	if s.Err != nil {
		return []fyne.CanvasObject{
			l.text(t.t("watch.broken", args{"folder": filepath.Base(s.Dir)}), textSmall+1, l.pal.bad),
			newPill(l, "undo", t.t("photos.retry"), pillPlain, c.p.a.followFolder).small(),
		}
	}
	text := facts(t.t("watch.folder", args{"folder": filepath.Base(s.Dir)}), t.t("watch.taken", args{"n": s.Taken}))
	rows = append(rows, l.text(text, textSmall+1, l.pal.quiet))
	if len(s.Bad) > 0 {
		rows = append(rows, newPill(l, "warning", t.t("watch.bad", args{"n": len(s.Bad)}), pillPlain, func() { c.tellBad(s.Bad) }).small())
	}
	return rows
}

// tellBad lists files of the watched folder that could not be taken.
func (c *cataloguePage) tellBad(bad []string) {
	a := c.p.a
	a.stage.open(func(l *look) *sheet {
		body := l.column(10)
		for _, b := range bad {
			body.Add(l.body(b, l.pal.text))
		}
		return newSheet(l, l.tr.t("watch.bad_title"), body, nil, a.stage.closeSheet)
	})
}
