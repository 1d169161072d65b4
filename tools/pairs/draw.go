package main

import (
	"encoding/binary"
	"image"
	"math"
	"os"
	"path/filepath"

	"cheval/camera"
	"cheval/tryon/refine"
	"cheval/tryon/render"
)

// drawn is what draw writes to drawn.json.
type drawn struct {
	W      int        `json:"w"`
	H      int        `json:"h"`
	Planes int        `json:"planes"` // of pair.f32: the network's, the truth (3), the fade
	Grid   [3]float32 `json:"grid"`   // x, y of the first cell's corner, cell, in pixels
}

// draw makes the quick composite and the planes of a scene.
func (w *work) draw(dir string) error {
	d, err := w.open(dir)
	if err != nil {
		return err
	}
	size := d.scene
	frame, err := readPicture(filepath.Join(dir, "frame.png"), size.Width, size.Height)
	if err != nil {
		return err
	}
	truth, err := readPicture(filepath.Join(dir, "truth.png"), size.Width, size.Height)
	if err != nil {
		return err
	}
	composite := image.NewRGBA(frame.Rect)
	copy(composite.Pix, frame.Pix)
	g := render.Guide{W: planesW, H: planesH}
	if err := w.dress(d, composite, render.EstimateLight(frame, d.face, render.Light{}), &g); err != nil {
		return err
	}
	if err := camera.SavePicture(filepath.Join(dir, "drawn.png"), composite); err != nil {
		return err
	}
	var in refine.Input
	in.Set(frame, composite, &g, d.face)
	wanted := make([]float32, 3*g.W*g.H)
	refine.Sample(wanted, truth, &g)
	if err := writeFloats(filepath.Join(dir, "pair.f32"), in.Data, wanted, in.Fade); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, "drawn.json"), drawn{W: g.W, H: g.H, Planes: refine.Planes + 4, Grid: [3]float32{g.X, g.Y, g.Cell}})
}

// writeFloats writes planes one after another, little-endian.
func writeFloats(path string, planes ...[]float32) error {
	var b []byte
	for _, p := range planes {
		for _, v := range p {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return os.WriteFile(path, b, 0o644)
}
