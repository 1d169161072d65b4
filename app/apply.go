package app

import (
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // logos
	_ "image/png"
	"os"
	"time"

	"golang.org/x/image/draw"

	"cheval/viewport"
)

// applySettings saves what was changed and lets everything follow.
func (a *App) applySettings() {
	s, err := a.settings.mended()
	a.notice(err)
	before := a.applied
	a.settings, a.applied = s, s
	if err := s.save(a.opts.Home); err != nil {
		a.notice(err)
	}
	if s.Source != before.Source {
		a.showSource(s.Source)
	}
	if s.Device != before.Device {
		a.mirror.SetDevice(s.Device)
	}
	if s.Refine != before.Refine {
		a.mirror.SetRefine(s.Refine)
	}
	if s.Voice != before.Voice {
		a.changeVoice()
	}
	if s.Studio != before.Studio {
		a.followFolder()
	}
	if s.SecondDisplay != before.SecondDisplay {
		a.followSecondDisplay()
	}
	if s.Logo != before.Logo {
		a.loadLogo()
	}
	if a.win != nil && s.Fullscreen != before.Fullscreen {
		a.win.SetFullScreen(s.Fullscreen)
	}
	a.followSettings()
	a.mirror.SetView(a.view)
	a.stage.build()
}

// followSecondDisplay shows the mirror on a second display or takes it away.
func (a *App) followSecondDisplay() {
	on := a.settings.SecondDisplay
	a.inBackground(func(ctx context.Context) error {
		ctx, stop := context.WithTimeout(ctx, displayWait)
		defer stop()
		return a.mirror.SetSecondDisplay(ctx, on)
	}, a.notice)
}

// displayWait bounds how long a second display is waited for.
const displayWait = 10 * time.Second

// followSettings takes into the view what the settings say of it.
func (a *App) followSettings() {
	a.view.Flip, a.view.Transition = a.settings.Source.Mirror, viewport.MaxTransition
	if a.settings.ReduceMotion {
		a.view.Transition = 0
	}
	a.view.Before = viewport.BeforeWorn
	if a.settings.RefineBefore {
		a.view.Before = viewport.BeforeRefined
	}
}

// showSource changes where the mirror's picture comes from, for now.
func (a *App) showSource(s SourceSettings) {
	a.source = s
	a.mirror.SetSource(s)
}

// useDemo lets the demo portrait stand in for a camera that does not work,
// until the visit ends; the shop's settings stay.
func (a *App) useDemo() {
	a.touched()
	a.showSource(SourceSettings{Kind: sourceDemo, Mirror: a.settings.Source.Mirror})
}

// loadLogo reads the shop's picture; without one, or with one that cannot be
// read, the plain mark stands.
func (a *App) loadLogo() {
	a.logoFile = nil
	if a.settings.Logo == "" {
		return
	}
	img, err := readLogo(a.settings.Logo)
	a.notice(err)
	a.logoFile = img
}

// The bounds of a logo: what it may be as a file, and what is kept.
const (
	logoBytes  = 8 << 20
	logoPixels = 16 << 20
	logoSide   = 256
)

// readLogo reads a picture of bounded size and makes it small.
func readLogo(path string) (*image.RGBA, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("logo: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > logoBytes {
		return nil, fmt.Errorf("logo: %s is larger than %d MB; choose a smaller picture", path, logoBytes>>20)
	}
	cfg, _, err := image.DecodeConfig(f)
	if err != nil {
		return nil, fmt.Errorf("logo: %s is no PNG or JPEG picture: %w", path, err)
	}
	if cfg.Width < 1 || cfg.Height < 1 || cfg.Width*cfg.Height > logoPixels {
		return nil, fmt.Errorf("logo: %s has %d×%d pixels; at most 16 million are read", path, cfg.Width, cfg.Height)
	}
	if _, err := f.Seek(0, 0); err != nil {
		return nil, fmt.Errorf("logo: %s: %w", path, err)
	}
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("logo: %s is damaged: %w", path, err)
	}
	return shrink(img, logoSide), nil
}

// shrink scales a picture down until its longer side is at most side.
func shrink(img image.Image, side int) *image.RGBA {
	b := img.Bounds()
	k := min(1, float64(side)/float64(max(b.Dx(), b.Dy())))
	out := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*k)), max(1, int(float64(b.Dy())*k))))
	draw.CatmullRom.Scale(out, out.Rect, img, b, draw.Src, nil)
	return out
}
