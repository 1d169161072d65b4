package app

import (
	"context"
	"fmt"
	"image"
	"time"

	"fyne.io/fyne/v2"
	"gocv.io/x/gocv"

	"cheval/viewport"
)

// The clip that shots make.
const (
	clipFPS    = 15
	clipLength = 12 * time.Second
)

// film records the window while products change.
func (a *App) film(ctx context.Context, path string) error {
	if err := a.resizeTo(ctx, fyne.NewSize(1280, 720)); err != nil {
		return err
	}
	if err := a.onUI(ctx, func() { a.setScene("en", func(a *App) { a.touched() }) }); err != nil {
		return err
	}
	if _, err := a.until(ctx, 20*time.Second, a.quiet); err != nil {
		return err
	}
	w, err := gocv.VideoWriterFile(path, "mp4v", clipFPS, 1280, 720, true)
	if err != nil {
		return fmt.Errorf("shots: clip %s: %w", path, err)
	}
	defer w.Close()
	if !w.IsOpened() {
		return fmt.Errorf("shots: clip %s: this OpenCV cannot write MP4", path)
	}
	begin := time.Now()
	act := 0
	for n := 0; n < int(clipLength.Seconds()*clipFPS); n++ {
		if err := sleep(ctx, time.Until(begin.Add(time.Duration(n)*time.Second/clipFPS))); err != nil {
			return err
		}
		var img *image.RGBA
		if err := a.onUI(ctx, func() {
			act = a.perform(act, time.Since(begin))
			img = captureWindow(a.win)
		}); err != nil {
			return err
		}
		if err := addFrame(w, img); err != nil {
			return fmt.Errorf("shots: clip %s: %w", path, err)
		}
	}
	fmt.Println(path)
	return nil
}

// perform does what is due in the clip and returns how much has been done.
func (a *App) perform(done int, at time.Duration) int {
	if a.view.Mode == viewport.Wipe {
		a.wipeTo(0.5 + 0.25*float32((at%(2*time.Second)-time.Second).Seconds()))
	}
	acts := [...]func(){
		func() { a.step(1) }, func() { a.step(1) }, func() { a.stepVariant(true) }, a.toggleWipe, func() { a.step(1) }, a.toggleSides, func() { a.step(1) },
	}
	if done < len(acts) && at > time.Duration(done+1)*1500*time.Millisecond {
		acts[done]()
		done++
	}
	return done
}

func addFrame(w *gocv.VideoWriter, img *image.RGBA) error {
	m, err := gocv.NewMatFromBytes(img.Rect.Dy(), img.Rect.Dx(), gocv.MatTypeCV8UC4, img.Pix)
	if err != nil {
		return err
	}
	defer m.Close()
	bgr := gocv.NewMat()
	defer bgr.Close()
	gocv.CvtColor(m, &bgr, gocv.ColorRGBAToBGR)
	return w.Write(bgr)
}
