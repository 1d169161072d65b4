package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"cheval/catalog/store"
	"cheval/models"
	"cheval/studio"
	"cheval/studio/queue"
)

// photoDesk makes products of photos in the background. It is opened when the
// studio is first shown and goes on with what a restart broke off; its models
// are loaded with the first photo.
type photoDesk struct {
	runtime  *models.Runtime
	studio   *studio.Studio
	importer *queue.Importer
	queue    *queue.Queue

	following sync.Mutex // held while the watched folder changes
	watched   *watched   // nil: none

	mu     sync.Mutex
	status queue.Status
	folder folderStatus
}

// modelsRest is how long the studio's models are kept for another photo: they
// have 2.3 GB, and are started again in about two seconds.
const modelsRest = 2 * time.Minute

// openDesk opens the desk, once, away from the UI goroutine; then is called on
// it when it is open.
func (a *App) openDesk(then func()) {
	if a.desk != nil || a.store == nil || a.deskOpening {
		then()
		return
	}
	a.deskOpening = true
	home, device, version, shop := a.opts.Home, a.settings.Device, a.opts.Version, a.store
	a.inBackground(func(context.Context) (err error) {
		a.deskOpened, err = newPhotoDesk(home, device, version, shop)
		return err
	}, func(err error) {
		a.deskOpening = false
		a.notice(err)
		a.desk = a.deskOpened
		a.followFolder()
		then()
	})
}

func newPhotoDesk(home, device, version string, shop *store.Store) (*photoDesk, error) {
	_, runtime, err := openModels(home, device)
	if err != nil {
		return nil, fmt.Errorf("photos: %w", err)
	}
	d := &photoDesk{runtime: runtime, studio: studio.Open(runtime, version)}
	d.studio.RestAfter(modelsRest)
	d.importer = queue.NewImporter(shop, d.studio)
	if d.queue, err = queue.Open(shop, queue.PhotoKind, d.importer.Work, d.told); err != nil {
		return nil, errors.Join(err, d.studio.Close(), runtime.Close())
	}
	return d, nil
}

// told keeps how the queue stands; it is called on the queue's goroutines.
func (d *photoDesk) told(s queue.Status) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = s
}

func (d *photoDesk) now() queue.Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status
}

// close breaks the current photo off; it waits for the next start.
func (d *photoDesk) close() error {
	if d == nil {
		return nil
	}
	d.follow("")
	d.queue.Close()
	return errors.Join(d.studio.Close(), d.runtime.Close())
}

// choosePhotos asks for a folder of photos, or one photo.
func (c *cataloguePage) choosePhotos() {
	c.p.touched()
	c.p.a.chooseFile(photoTypes, func(path string) { c.addPhotos([]string{path}, "") })
}

func (c *cataloguePage) choosePhotoFolder() {
	c.p.touched()
	c.p.a.chooseFolder(func(path string) { c.addPhotos([]string{path}, "") })
}

// addPhotos queues photos and all those in folders; product is whose they are,
// "" makes a draft of each. What is no photo is told, and nothing else stops.
func (c *cataloguePage) addPhotos(paths []string, product string) {
	a := c.p.a
	if a.desk == nil {
		c.tell(c.p.look.tr.t("photos.closed"))
		return
	}
	desk := a.desk
	var bad []error
	a.inBackground(func(ctx context.Context) error {
		var jobs []store.Job
		for _, path := range picturesAmong(paths) {
			if err := ctx.Err(); err != nil {
				return err
			}
			j, err := desk.importer.Take(path, product, nil)
			if err != nil {
				bad = append(bad, fmt.Errorf("%s: %w", filepath.Base(path), err))
				continue
			}
			jobs = append(jobs, j)
		}
		if len(jobs) == 0 {
			return nil
		}
		_, err := desk.queue.Add(ctx, jobs...)
		return err
	}, func(err error) {
		if err := errors.Join(append(bad, err)...); err != nil {
			c.tell(err.Error())
		}
		c.showQueue()
	})
}

// picturesAmong are the photos that are named, and those in folders that are.
func picturesAmong(paths []string) (out []string) {
	for _, path := range paths {
		if in, err := studio.Pictures(path); err == nil {
			out = append(out, in...)
			continue
		}
		out = append(out, path)
	}
	return out
}

// dropped takes files that were dropped on the window.
func (c *cataloguePage) dropped(uris []fyne.URI) {
	c.p.touched()
	var photos []string
	for _, u := range uris {
		switch filepath.Ext(u.Path()) {
		case ".csv", ".tsv", ".xlsx", ".xml":
			c.openSheet(u.Path(), "")
		default:
			photos = append(photos, u.Path())
		}
	}
	if len(photos) > 0 {
		c.addPhotos(photos, "")
	}
}

// showQueue shows how the photos stand, on its strip above the grid.
func (c *cataloguePage) showQueue() {
	l, t, a := c.p.look, c.p.look.tr, c.p.a
	if a.desk == nil {
		return
	}
	s := a.desk.now()
	var rows []fyne.CanvasObject
	if s.Current != nil {
		total := float64(s.Done + len(s.Waiting) + 1)
		c.bar.Value = (float64(s.Done) + s.Current.Part) / total
		c.bar.Refresh()
		text := t.t("photos.at_work", args{"done": s.Done, "of": int(total)})
		if s.Remains > 0 {
			text = facts(text, t.t("photos.remains", args{"time": minutes(s.Remains)}))
		}
		rows = append(rows, l.text(text, textSmall+1, l.pal.text), c.bar, newPill(l, "stop", t.t("import.cancel"), pillPlain, c.cancelPhotos).small())
	}
	if len(s.Failed) > 0 {
		rows = append(rows, newPill(l, "warning", t.t("photos.failed", args{"n": len(s.Failed)}), pillDanger, c.tellFailed).small())
	}
	if s.Err != nil {
		rows = append(rows, l.text(s.Err.Error(), textSmall+1, l.pal.bad))
	}
	folder := a.desk.folderNow()
	rows = append(rows, c.folderRows(folder)...)
	if key := fmt.Sprint(s.Done, len(s.Waiting), len(s.Failed), s.Current != nil, s.Err, folder); key != c.queueKey {
		c.queueKey = key
		c.strip.Objects = rows
		c.refresh()
	}
}

func (c *cataloguePage) cancelPhotos() {
	desk := c.p.a.desk
	var ids []uint64
	s := desk.now()
	for _, j := range s.Waiting {
		ids = append(ids, j.ID)
	}
	if s.Current != nil {
		ids = append(ids, s.Current.Job.ID)
	}
	c.p.a.inBackground(func(ctx context.Context) error { return desk.queue.Cancel(ctx, ids...) }, func(err error) {
		c.p.a.notice(err)
		c.showQueue()
	})
}

// tellFailed lists photos that came to nothing, and offers to try them again.
func (c *cataloguePage) tellFailed() {
	a := c.p.a
	desk := a.desk
	a.stage.open(func(l *look) *sheet {
		body := l.column(10)
		for _, j := range desk.now().Failed {
			body.Add(l.body(j.Why, l.pal.text))
		}
		again := newPill(l, "undo", l.tr.t("photos.retry"), pillAccent, func() {
			a.stage.closeSheet()
			a.inBackground(func(ctx context.Context) error { return desk.queue.Retry(ctx) }, a.notice)
		})
		return newSheet(l, l.tr.t("photos.failed_title"), body, again, a.stage.closeSheet)
	})
}
