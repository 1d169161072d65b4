package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
)

// photoTypes are the files that are offered as photos.
var photoTypes = []string{".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}

// chooseFile asks for a file of these types; then is not called where none is
// chosen.
func (a *App) chooseFile(types []string, then func(path string)) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			return
		}
		path := r.URI().Path()
		if err := r.Close(); err != nil {
			a.notice(err)
		}
		then(path)
	}, a.win)
	d.SetFilter(storage.NewExtensionFileFilter(types))
	d.Resize(a.stage.size)
	d.Show()
}

// chooseFolder asks for a folder; then is not called where none is chosen.
func (a *App) chooseFolder(then func(path string)) {
	d := dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
		if err == nil && u != nil {
			then(u.Path())
		}
	}, a.win)
	d.Resize(a.stage.size)
	d.Show()
}
