package app

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"sync"

	"golang.org/x/image/draw"

	"cheval/app/live"
	"cheval/camera"
	"cheval/catalog"
	"cheval/models"
	"cheval/tryon"
)

// The bounds of a preview.
const (
	previewSide = 640 // pixels of the square that is shown
	previewRoom = 2.1 // how many heights of the face that square is high
	// previewFrames is how many frames of the demo are looked through for the
	// turns of the head: more than one round of it.
	previewFrames = 900
	// nearYaw is how many degrees a frame may be off, goodYaw from when no
	// better one is looked for.
	nearYaw, goodYaw = 5, 1.6
)

// wornPreview draws products on the demo portrait at given turns of the head,
// with an engine of its own, so that the mirror is not disturbed. It opens its
// models when it is first used. draw blocks and may be called from any
// goroutine; one picture is drawn at a time.
type wornPreview struct {
	home string

	mu     sync.Mutex
	engine *tryon.Engine
	turns  map[int]*camera.Frame // by yaw in degrees
}

func newWornPreview(home string) *wornPreview { return &wornPreview{home: home} }

// draw returns a product worn at a turn of the head, one of previewAngles.
func (w *wornPreview) draw(ctx context.Context, p *catalog.Product, variant, yaw int) (image.Image, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil { // another was asked for meanwhile
		return nil, err
	}
	if err := w.open(ctx); err != nil {
		return nil, fmt.Errorf("preview of %s: %w", p.ID, err)
	}
	f := w.turns[yaw]
	if f == nil {
		return nil, fmt.Errorf("preview of %s: the demo portrait never turns to %d°", p.ID, yaw)
	}
	w.engine.Reset()
	r, err := w.engine.ProcessStill(f.Retain(), []tryon.Worn{{Product: p, Variant: variant}})
	if err != nil {
		return nil, fmt.Errorf("preview of %s: %w", p.ID, err)
	}
	defer r.Release()
	if len(r.Faces) == 0 || len(r.Looks) == 0 {
		return nil, fmt.Errorf("preview of %s: no face was found on the demo portrait at %d°", p.ID, yaw)
	}
	return squareAround(r.Looks[0], r.Faces[0].Box), nil
}

// open starts the models and looks the turns of the head up, once.
func (w *wornPreview) open(ctx context.Context) (err error) {
	if w.engine != nil {
		return nil
	}
	store, err := models.OpenStore(w.home)
	if err != nil {
		return err
	}
	if w.turns, err = findTurns(ctx, store); err != nil {
		return err
	}
	w.engine, err = tryon.OpenEngine(store, models.CPU, tryon.Options{})
	return err
}

// findTurns plays the demo, as fast as it goes, until it has a frame for each
// of previewAngles.
func findTurns(ctx context.Context, store *models.Store) (map[int]*camera.Frame, error) {
	src, err := live.Open(ctx, store, camera.Spec{Kind: camera.KindDemo})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	turns, off := map[int]*camera.Frame{}, map[int]float64{}
	for range previewFrames {
		f, err := src.Next(ctx)
		if err != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		keepNearest(turns, off, f)
		f.Release()
		if len(turns) == len(previewAngles) && worst(off) < goodYaw {
			break
		}
	}
	return turns, nil
}

// keepNearest copies a frame for every turn that it is nearer to than what is
// kept.
func keepNearest(turns map[int]*camera.Frame, off map[int]float64, f *camera.Frame) {
	if f.Truth == nil {
		return
	}
	for _, yaw := range previewAngles {
		d := math.Abs(float64(f.Truth.Yaw) - float64(yaw))
		if kept, ok := off[yaw]; d > nearYaw || ok && kept <= d {
			continue
		}
		off[yaw] = d
		c := camera.NewFrame(toRGBA(f.Image), nil)
		c.FocalPx = f.FocalPx
		turns[yaw] = c
	}
}

func worst(off map[int]float64) (w float64) {
	for _, d := range off {
		w = max(w, d)
	}
	return w
}

// squareAround cuts the square around a face out of a picture.
func squareAround(img *image.RGBA, face image.Rectangle) *image.RGBA {
	side := int(previewRoom * float64(face.Dy()))
	side = min(side, img.Rect.Dx(), img.Rect.Dy())
	mid := face.Min.Add(face.Max).Div(2)
	x := min(max(mid.X-side/2, 0), img.Rect.Dx()-side)
	y := min(max(mid.Y-side/2, 0), img.Rect.Dy()-side)
	n := min(side, previewSide)
	out := image.NewRGBA(image.Rect(0, 0, n, n))
	draw.CatmullRom.Scale(out, out.Rect, img, image.Rect(x, y, x+side, y+side), draw.Src, nil)
	return out
}

// Close ends the models, if they were started. What was open can be opened
// again by draw.
func (w *wornPreview) Close() (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.engine != nil {
		err = w.engine.Close()
		w.engine, w.turns = nil, nil
	}
	return err
}
