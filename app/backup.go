package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2/widget"

	"cheval/catalog/store"
)

// chooseBackup asks where the backup of the catalogue goes.
func (c *cataloguePage) chooseBackup() {
	c.p.touched()
	a := c.p.a
	a.chooseFolder(func(folder string) {
		c.backUp(freeName(folder, "cheval-catalogue-"+a.now().Format(time.DateOnly), ".zip"))
	})
}

// freeName is the path of a file in a folder that is not there yet: a dialog for
// files would empty what it is to replace before anything is written.
func freeName(folder, base, ext string) string {
	path := filepath.Join(folder, base+ext)
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); err != nil {
			return path
		}
		path = filepath.Join(folder, fmt.Sprintf("%s-%d%s", base, n, ext))
	}
}

// backUp writes the catalogue with its pictures to a file, with progress on a
// sheet; closing the sheet gives it up.
func (c *cataloguePage) backUp(path string) {
	a := c.p.a
	ctx, cancel := context.WithCancel(a.ctx)
	done, of := 0, 0
	give := func() {
		cancel()
		a.stage.closeSheet()
	}
	a.stage.open(func(l *look) *sheet {
		bar := widget.NewProgressBar()
		bar.Value = float64(done) / float64(max(of, 1))
		text := l.body(l.tr.t("backup.at_work", args{"done": l.tr.int(done), "of": l.tr.int(of)}), l.pal.text)
		return newSheet(l, l.tr.t("backup.title"), l.column(14, bar, text), newPill(l, "stop", l.tr.t("import.cancel"), pillPlain, give), give)
	})
	var b store.Backup
	var size int64
	told := time.Time{}
	a.inBackground(func(context.Context) (err error) {
		defer cancel()
		b, err = a.store.WriteBackup(ctx, path, func(n, all int) {
			if time.Since(told) < 200*time.Millisecond {
				return
			}
			told = time.Now()
			a.parts.onUI(func() {
				if done, of = n, all; ctx.Err() == nil && a.stage.opener != nil {
					a.stage.refreshSheet()
				}
			})
		})
		if info, err := os.Stat(path); err == nil {
			size = info.Size()
		}
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, context.Canceled): // a person did not want it
		case err != nil:
			c.fail(err)
		default:
			t := c.p.look.tr
			text := t.t("backup.done", args{"products": t.int(b.Products), "pictures": t.int(b.Pictures), "file": path, "mb": t.int(int(size>>20) + 1)})
			if len(b.Missing) > 0 {
				text += "\n" + t.t("backup.missing", args{"n": len(b.Missing)})
			}
			c.tell(text)
		}
	})
}
