// Command refined lays what the refiner makes of what is worn beside what was
// drawn, to be looked at:
//
//	go run ./tools/refined OUT.png [PHOTO|CLIP]...
//
// Frames and products are taken evenly, 20 pairs in all: what was drawn at the
// left, refined at the right. Without photos or clips it takes the demo: the
// public-domain portrait, turning.
package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/image/draw"

	"cheval/app/live"
	"cheval/assets"
	"cheval/camera"
	"cheval/catalog"
	"cheval/models"
	"cheval/tryon"
)

const (
	pairs, across = 20, 4
	cellW, cellH  = 320, 200 // of one picture
	gap           = 8
	demoFrames    = 240 // it rests, turns and comes back
	clipFrames    = 100 // of a clip
	stride        = 7   // of the products
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "refined: give the picture to write")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "refined:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, sources []string) error {
	store, err := models.OpenHome()
	if err != nil {
		return err
	}
	shop, err := catalog.Load(assets.Catalogue())
	if err != nil {
		return err
	}
	engine, err := tryon.OpenEngine(store, models.CPU, tryon.Options{Refine: true})
	if err != nil {
		return err
	}
	defer engine.Close()
	if why := engine.Refining().Why; why != "" {
		return errors.New(why)
	}
	engine.KeepPlain(true)
	s := &sheet{engine: engine, store: store, shop: shop.All()}
	specs := []camera.Spec{{Kind: camera.KindDemo, Loop: true}}
	if len(sources) > 0 {
		specs = nil
		for _, path := range sources {
			kind := camera.KindFile
			if slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(path))) {
				kind = camera.KindStill
			}
			specs = append(specs, camera.Spec{Kind: kind, Path: path})
		}
	}
	s.picture = image.NewRGBA(image.Rect(0, 0, across*(2*cellW+gap)+gap, (pairs+across-1)/across*(cellH+gap)+gap))
	draw.Draw(s.picture, s.picture.Rect, image.White, image.Point{}, draw.Src)
	for i, spec := range specs {
		if err := s.source(ctx, spec, (i+1)*pairs/len(specs)); err != nil {
			return err
		}
	}
	return camera.SavePicture(out, s.picture)
}

// sheet is being filled.
type sheet struct {
	engine  *tryon.Engine
	store   *models.Store
	shop    []*catalog.Product
	picture *image.RGBA
	count   int
}

// source fills the sheet up to a number of pairs with frames of one source.
func (s *sheet) source(ctx context.Context, spec camera.Spec, upTo int) error {
	src, err := live.Open(ctx, s.store, spec)
	if err != nil {
		return err
	}
	defer src.Close()
	s.engine.Reset()
	want, length := upTo-s.count, clipFrames
	switch spec.Kind {
	case camera.KindDemo:
		length = demoFrames
	case camera.KindStill:
		length = want
	}
	var frame *camera.Frame
	for i := 0; i < length && s.count < upTo; i++ {
		if frame == nil || spec.Kind != camera.KindStill {
			next, err := src.Next(ctx)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			frame = next
		}
		frame.Offset = time.Duration(i) * time.Second / 30
		if err := s.frame(frame, spec.Kind == camera.KindStill || (i+1)%max(length/want, 1) == 0); err != nil {
			return err
		}
	}
	return nil
}

// frame has the engine see a frame, and adds a pair if it is to be shown.
func (s *sheet) frame(f *camera.Frame, show bool) error {
	p := s.shop[s.count*stride%len(s.shop)]
	var looks []tryon.Worn
	if show {
		looks = []tryon.Worn{{Product: p, Variant: s.count % len(p.Variants)}}
	}
	r, err := s.engine.Process(f, looks)
	if err != nil {
		return err
	}
	defer r.Release()
	if !show || len(r.Plain) == 0 || r.Drawn[0].Empty() {
		return nil
	}
	part := around(r.Drawn[0])
	x, y := gap+s.count%across*(2*cellW+gap), gap+s.count/across*(cellH+gap)
	for i, m := range []*image.RGBA{r.Plain[0], r.Looks[0]} {
		to := image.Rect(x+i*cellW, y, x+(i+1)*cellW, y+cellH)
		draw.CatmullRom.Scale(s.picture, to, m, part, draw.Src, nil)
	}
	fmt.Printf("%d: %s, yaw %.0f\n", s.count+1, p.ID, r.Faces[0].Pose.Yaw)
	s.count++
	return nil
}

// around is a rectangle of a cell's shape about what was drawn.
func around(r image.Rectangle) image.Rectangle {
	w := max(r.Dx(), r.Dy()*cellW/cellH) * 11 / 10
	h := w * cellH / cellW
	c := image.Pt((r.Min.X+r.Max.X)/2, (r.Min.Y+r.Max.Y)/2)
	return image.Rect(c.X-w/2, c.Y-h/2, c.X+w-w/2, c.Y+h-h/2)
}
