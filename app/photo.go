package app

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2/canvas"
)

// takePhoto keeps the next frame in memory and asks where it is to go. It is
// written nowhere before the person says so.
func (a *App) takePhoto() {
	a.touched()
	p := a.shopper.active()
	if p == nil {
		return
	}
	var img *image.RGBA
	a.inBackground(func(ctx context.Context) (err error) {
		img, err = a.snapshot(ctx)
		return err
	}, func(err error) {
		if err != nil {
			a.say("warning", a.look.tr.t("photo.failed"))
			return
		}
		a.shopper.photo = img
		a.stage.open(a.photoSheet)
	})
}

// snapshotTries and snapshotPause bound how long a photo waits for a picture:
// right after a visit has ended the mirror has none.
const (
	snapshotTries = 15
	snapshotPause = 100 * time.Millisecond
)

func (a *App) snapshot(ctx context.Context) (img *image.RGBA, err error) {
	for range snapshotTries {
		if img, err = a.mirror.Snapshot(); err == nil {
			return img, nil
		}
		if sleep(ctx, snapshotPause) != nil {
			break
		}
	}
	return nil, err
}

func (a *App) photoSheet(l *look) *sheet {
	t := l.tr
	img := a.shopper.photo
	if img == nil { // the visit ended while the sheet was open
		img = image.NewRGBA(image.Rect(0, 0, 16, 9))
	}
	preview := canvas.NewImageFromImage(img)
	preview.FillMode, preview.CornerRadius = canvas.ImageFillContain, l.px(16)
	preview.ScaleMode = canvas.ImageScaleFastest
	body := l.column(14, newRatioBox(preview, img.Rect.Dx(), img.Rect.Dy(), l.px(520)),
		l.body(t.t("photo.text"), l.pal.quiet), l.space(2))
	for _, d := range photoFolders() {
		b := newPill(l, "save", t.t("photo.save_to", args{"place": d.label(t)}), pillPlain, func() { a.savePhoto(d.path) })
		b.left = true
		body.Add(b)
	}
	other := newPill(l, "save", t.t("photo.save_other"), pillPlain, a.choosePhotoFolder)
	other.left = true
	body.Add(other)
	discard := newPill(l, "trash", t.t("photo.discard"), pillDanger, a.discardPhoto)
	return newSheet(l, t.t("photo.title"), body, discard, a.discardPhoto)
}

func (a *App) discardPhoto() {
	kept := a.shopper.photo
	a.shopper.photo = nil
	a.stage.closeSheet()
	a.offerUndo(a.look.tr.t("photo.discarded"), func() {
		a.shopper.photo = kept
		a.stage.open(a.photoSheet)
	})
}

func (a *App) choosePhotoFolder() { a.chooseFolder(a.savePhoto) }

// savePhoto writes the photo to a folder, whole or not at all, and forgets it.
func (a *App) savePhoto(folder string) {
	img := a.shopper.photo
	if img == nil {
		return
	}
	path := filepath.Join(folder, photoName(a.shopper.active().ID, a.now()))
	a.inBackground(func(context.Context) error {
		return writePNG(path, img)
	}, func(err error) {
		if err != nil {
			a.notice(err)
			a.say("warning", a.look.tr.t("photo.not_saved", args{"place": folder}))
			return
		}
		a.shopper.photo = nil
		a.stage.closeSheet()
		a.say("check", a.look.tr.t("photo.saved", args{"file": filepath.Base(path)}))
	})
}

func photoName(product string, now time.Time) string {
	return fmt.Sprintf("%s-%s.png", product, now.Format("20060102-150405"))
}

// photoFolder is a place that a photo can be saved to.
type photoFolder struct {
	path   string
	volume string // its name, where it is a removable one
}

func (d photoFolder) label(t *translator) string {
	if d.volume != "" {
		return d.volume
	}
	return t.t("photo.pictures")
}

// photoFolders are the removable volumes that are mounted, then the user's
// own folder for pictures.
func photoFolders() []photoFolder {
	var out []photoFolder
	user := os.Getenv("USER")
	for _, pattern := range []string{"/media/" + user + "/*", "/run/media/" + user + "/*", "/Volumes/*"} {
		if strings.Contains(pattern, "//") {
			continue
		}
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		for _, f := range found {
			out = append(out, photoFolder{f, filepath.Base(f)})
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		out = append(out, photoFolder{path: filepath.Join(home, "Pictures")})
	}
	return out[:min(len(out), 4)]
}
