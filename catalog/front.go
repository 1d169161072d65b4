package catalog

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
)

// The largest front photo that is loaded.
const (
	maxFrontSide  = 8192
	maxFrontBytes = 32 << 20
)

// LoadFronts decodes the front photos of p's variants that are not loaded yet.
// read returns the bytes of one: a PNG, as Cheval writes it.
func LoadFronts(p *Product, read func(*FrontPhoto) ([]byte, error)) error {
	for i := range p.Variants {
		f := p.Variants[i].Front
		if f == nil || f.Image != nil {
			continue
		}
		data, err := read(f)
		if err != nil {
			return fmt.Errorf("catalog: read the front photo of %s: %w", p.ID, err)
		}
		if f.Image, err = decodeFront(bytes.NewReader(data)); err != nil {
			return fmt.Errorf("catalog: the front photo of %s: %w", p.ID, err)
		}
	}
	return nil
}

// ReadFront reads a front photo's file, bounded.
func ReadFront(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFrontBytes+1))
	if err == nil && len(data) > maxFrontBytes {
		err = fmt.Errorf("it is over %d MiB", maxFrontBytes>>20)
	}
	return data, err
}

func decodeFront(r io.ReadSeeker) (*image.NRGBA, error) {
	c, err := png.DecodeConfig(r)
	if err != nil {
		return nil, fmt.Errorf("this is no PNG: %w", err)
	}
	if c.Width < 2 || c.Height < 2 || c.Width > maxFrontSide || c.Height > maxFrontSide {
		return nil, fmt.Errorf("%d×%d pixels are not those of a front", c.Width, c.Height)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	m, err := png.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("decode it: %w", err)
	}
	if n, ok := m.(*image.NRGBA); ok && n.Rect.Min == (image.Point{}) {
		return n, nil
	}
	n := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(n, n.Rect, m, m.Bounds().Min, draw.Src)
	return n, nil
}
