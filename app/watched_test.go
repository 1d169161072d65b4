package app

import (
	"context"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cheval/catalog/store"
	"cheval/studio"
	"cheval/studio/queue"
)

// waitingDesk is a desk whose queue never ends a photo.
func waitingDesk(t *testing.T, shop *store.Store) *photoDesk {
	t.Helper()
	d := &photoDesk{studio: studio.Open(nil, "test")}
	d.importer = queue.NewImporter(shop, d.studio)
	var err error
	d.queue, err = queue.Open(shop, queue.PhotoKind, func(ctx context.Context, _ store.Job, _ func(float64)) error {
		<-ctx.Done()
		return ctx.Err()
	}, d.told)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.follow("")
		d.queue.Close()
	})
	return d
}

func putPhoto(t *testing.T, path string, c color.NRGBA) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, flatPicture(c)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func folderComes(t *testing.T, d *photoDesk, what string, is func(folderStatus) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(d.folderNow()); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: %+v", what, d.folderNow())
		}
	}
}

func TestPhotosOfTheWatchedFolderAreQueuedOnce(t *testing.T) {
	b, page := studioPage(t, "en")
	d := waitingDesk(t, b.store)
	dir := t.TempDir()
	putPhoto(t, filepath.Join(dir, "one.png"), color.NRGBA{200, 30, 30, 255})
	d.follow(dir)
	folderComes(t, d, "the photo that was there", func(s folderStatus) bool { return s.Taken == 1 })
	putPhoto(t, filepath.Join(dir, "two.png"), color.NRGBA{30, 200, 30, 255})
	folderComes(t, d, "the photo that came", func(s folderStatus) bool { return s.Taken == 2 })

	d.follow("") // as at a restart
	d.follow(dir)
	putPhoto(t, filepath.Join(dir, "three.png"), color.NRGBA{30, 30, 200, 255})
	folderComes(t, d, "the new photo after a restart", func(s folderStatus) bool { return s.Taken == 1 })
	s := d.queue.Status()
	if n := len(s.Waiting) + 1; n != 3 || s.Current == nil || len(s.Failed) > 0 {
		t.Errorf("%d photos are queued, want three: %+v", n, s)
	}
	b.desk = d
	page.showQueue()
	if rows := page.folderRows(d.folderNow()); len(rows) != 1 {
		t.Errorf("the strip shows %d rows of the folder", len(rows))
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	folderComes(t, d, "a folder that is gone is said", func(s folderStatus) bool { return s.Err != nil })
	b.desk = nil
}

func TestTheWatchedFolderIsAFullPath(t *testing.T) {
	s := DefaultSettings()
	s.Studio.Watch = "photos"
	s, err := s.mended()
	if err == nil || s.Studio.Watch != "" {
		t.Errorf("%q is watched, %v", s.Studio.Watch, err)
	}
}
