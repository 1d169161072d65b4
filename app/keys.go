package app

import (
	"fyne.io/fyne/v2"

	"cheval/viewport"
)

// keys lets a keyboard do what a finger does.
func (a *App) keys(c fyne.Canvas) {
	c.SetOnTypedKey(func(e *fyne.KeyEvent) { a.key(e.Name) })
}

func (a *App) key(k fyne.KeyName) {
	switch k {
	case fyne.KeyF11:
		a.win.SetFullScreen(!a.win.FullScreen())
		return
	case fyne.KeyEscape:
		a.back()
		return
	}
	if a.stage.sheet != nil {
		if a.stage.sheet.typed != nil {
			a.stage.sheet.typed(k)
		}
		return
	}
	if a.stage.screen != screenMirror {
		return
	}
	a.mirrorKey(k)
}

func (a *App) mirrorKey(k fyne.KeyName) {
	switch k {
	case fyne.KeyRight, fyne.KeyPageDown:
		a.step(1)
	case fyne.KeyLeft, fyne.KeyPageUp:
		a.step(-1)
	case fyne.KeyUp, fyne.KeyDown:
		a.stepVariant(k == fyne.KeyDown)
	case fyne.KeySpace:
		a.toggleWipe()
	case fyne.KeyS:
		a.toggleSides()
	case fyne.KeyP:
		a.takePhoto()
	case fyne.KeyF:
		a.openFilters()
	case fyne.KeyL:
		a.toggleLike()
	case fyne.KeyD:
		a.toggleDebug()
	case fyne.KeyR:
		a.toggleBefore()
	case fyne.KeyPlus, fyne.KeyEqual:
		a.zoomTo(a.view.Zoom * 1.25)
	case fyne.KeyMinus:
		a.zoomTo(a.view.Zoom / 1.25)
	}
}

// stepVariant wears the next colourway.
func (a *App) stepVariant(forward bool) {
	p := a.shopper.active()
	if p == nil {
		return
	}
	d := -1
	if forward {
		d = 1
	}
	n := len(p.Variants)
	a.chooseVariant((a.shopper.variantOf(p) + d + n) % n)
}

// back closes what is open: the sheet, the mode, the full screen.
func (a *App) back() {
	switch {
	case a.stage.sheet != nil:
		a.stage.sheet.close()
	case a.stage.screen != screenMirror:
		a.lock()
	case a.view.Mode == viewport.Wipe:
		a.toggleWipe()
	case a.view.Mode == viewport.SideBySide:
		a.toggleSides()
	case a.win.FullScreen():
		a.win.SetFullScreen(false)
	}
}
