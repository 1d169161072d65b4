package live

import (
	"context"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2/canvas"

	"cheval/viewport"
)

// leastBetween keeps refreshes from following one another faster than a
// camera's frames do: a fade would otherwise paint at twice their rate.
const leastBetween = 20 * time.Millisecond

// glass shows the viewport's pictures in a Fyne window. At most one refresh is
// pending. Fyne asks the raster for its picture while it paints, on the UI's
// goroutine, and runs what was queued meanwhile after it has shown the window:
// that is when a frame counts as painted.
type glass struct {
	mirror  *viewport.Mirror
	onUI    func(func()) // has something done on the UI's goroutine, soon
	raster  *canvas.Raster
	blank   *image.RGBA
	notice  chan struct{} // a picture lies in the mirror's box
	painted func(p Painted)
	before  func() // called with every refresh
	pending atomic.Bool
	delays  *meter

	// Functions that are handed to Fyne, made once.
	refreshing, painting func()
	finished             sync.WaitGroup

	// Below: only the UI's goroutine.
	current *viewport.Picture
	drawn   Painted       // of the picture that is being painted
	fresh   bool          // it was not painted before
	awaited bool          // afterPaint is queued
	window  time.Duration // that painting the window takes, smoothed
}

// Painted is one frame that was painted.
type Painted struct {
	Seq      uint64
	Captured time.Time
	Began    time.Time // when the window began to be painted
	At       time.Time // after it was shown
}

func newGlass(onUI func(func()), painted func(Painted), delays *meter) *glass {
	g := &glass{onUI: onUI, notice: make(chan struct{}, 1), blank: image.NewRGBA(image.Rect(0, 0, 1, 1)), painted: painted, delays: delays}
	g.blank.Pix[3] = 255
	g.raster = canvas.NewRaster(g.generate)
	g.refreshing = g.refresh
	g.painting = g.afterPaint
	return g
}

// wake is called by the viewport after each picture.
func (g *glass) wake() {
	select {
	case g.notice <- struct{}{}:
	default:
	}
}

// start refreshes the raster for each picture until ctx ends.
func (g *glass) start(ctx context.Context) {
	g.finished.Add(1)
	go func() {
		defer g.finished.Done()
		pause := time.NewTimer(time.Hour)
		defer pause.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-g.notice:
			}
			if !g.pending.Swap(true) {
				g.onUI(g.refreshing)
			}
			pause.Reset(leastBetween)
			select {
			case <-ctx.Done():
				return
			case <-pause.C:
			}
		}
	}()
}

// refresh has the window painted, with what else is due in the same go: every
// painting costs as much as the frame itself.
func (g *glass) refresh() {
	g.pending.Store(false)
	g.before()
	g.raster.Refresh()
}

// generate answers Fyne with the newest picture; w and h are pixels.
func (g *glass) generate(w, h int) image.Image {
	g.mirror.SetSize(image.Pt(w, h))
	if g.awaited { // the next painting came before what was queued: the last one is over
		g.count()
	}
	if p, ok := g.mirror.Pictures().TryTake(); ok {
		if g.current != nil {
			g.current.Release()
		}
		g.current = p
		g.drawn, g.fresh = Painted{Seq: p.Seq, Captured: p.Captured, Began: time.Now()}, !p.Again
	}
	if g.current == nil {
		return g.blank
	}
	if g.fresh && !g.awaited {
		g.awaited = true
		g.onUI(g.painting)
	}
	return g.current.Image
}

// afterPaint runs when the window was shown.
func (g *glass) afterPaint() {
	g.awaited = false
	g.count()
}

// count counts the frame that was painted last, once.
func (g *glass) count() {
	if !g.fresh {
		return
	}
	g.fresh = false
	g.drawn.At = time.Now()
	g.delays.add(g.drawn.At, g.drawn.At.Sub(g.drawn.Captured))
	smooth(&g.window, g.drawn.At.Sub(g.drawn.Began))
	if g.painted != nil {
		g.painted(g.drawn)
	}
}

// stop waits for the goroutine, whose context has ended.
func (g *glass) stop() { g.finished.Wait() }
