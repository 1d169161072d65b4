package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"cheval/models"
	"cheval/studio/embed"
	"cheval/studio/generate"
)

// benchDesigns is how many pictures the designer is timed on, as many of each
// category.
const benchDesigns = 100

// benchLooks is how often the encoder is timed.
const benchLooks = 50

// designer measures the picture encoder and the designer: what 100 pictures
// take, tries that were thrown away included, and how many are what was asked.
func (b *ganBench) designer(ctx context.Context) (err error) {
	runtime, err := models.OpenRuntime(b.store, b.device)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runtime.Close()) }()
	if err := b.encoder(runtime); err != nil {
		return err
	}
	if !generate.Installed() {
		fmt.Fprintln(b.cmd.ErrOrStderr(), "bench gan: nothing is measured of the designer: this build ships without one")
		return nil
	}
	began := time.Now()
	d, err := generate.Open(runtime)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	b.figures["designer_open_ms"] = milliseconds(time.Since(began))
	known := d.Knows()
	began = time.Now()
	made, tries, doubted := 0, 0, 0
	for i, category := range known.Categories {
		r := generate.Request{Category: category, Colour: known.Colours[i%len(known.Colours)], Count: benchDesigns / len(known.Categories), Seed: 7}
		err := d.Generate(ctx, r, func(m *generate.Design) error {
			made, tries = made+1, tries+m.Tries
			if m.Doubt != "" {
				doubted++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	took := time.Since(began)
	b.figures["designer_100_s"] = took.Seconds() * benchDesigns / float64(made)
	b.figures["designer_try_ms"] = milliseconds(took) / float64(tries)
	b.figures["designer_tries"] = float64(tries) / float64(made)
	b.figures["designer_doubted"] = float64(doubted) / float64(made)
	return nil
}

// encoder times looking at a picture of a product, its bringing to size
// included.
func (b *ganBench) encoder(r *models.Runtime) (err error) {
	e, err := embed.Open(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	m := image.NewNRGBA(image.Rect(0, 0, 1024, 1024))
	for y := 100; y < 900; y++ {
		for x := 200; x < 800; x++ {
			copy(m.Pix[m.PixOffset(x, y):], []uint8{uint8(x), uint8(y), 90, 255})
		}
	}
	var times []time.Duration
	for range benchLooks {
		began := time.Now()
		if _, err := e.See(m); err != nil {
			return err
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	b.figures["encoder_ms"], b.figures["encoder_least_ms"] = milliseconds(percentile(times, 50)), milliseconds(times[0])
	return nil
}
