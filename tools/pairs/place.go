package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"

	"cheval/camera"
	"cheval/internal/cielab"
	"cheval/tryon/render"
)

// The network's largest size, at which its planes are written.
const planesW, planesH = 256, 128

// placed is what place writes to parts.json.
type placed struct {
	Crop  [4]float32  `json:"crop"` // x, y, width, height in pixels
	Pose  [3]float32  `json:"pose"` // yaw, pitch, roll
	Parts []partEntry `json:"parts"`
}

type partEntry struct {
	File      string     `json:"file"`
	Kind      int        `json:"kind"` // eyewear.PartKind
	Lens      bool       `json:"lens"`
	Reflect   [3]float32 `json:"reflect"`
	Opacity   float32    `json:"opacity"`
	Metallic  float32    `json:"metallic"`
	Roughness float32    `json:"roughness"`
	Texture   string     `json:"texture"` // repeats after period mm; "": the vertices' colours
	Period    float32    `json:"period"`
}

// place writes the parts of a scene's product.
func (w *work) place(dir string) error {
	d, err := w.open(dir)
	if err != nil {
		return err
	}
	g := render.Guide{W: planesW, H: planesH}
	blank := image.NewRGBA(image.Rect(0, 0, d.scene.Width, d.scene.Height))
	if err := w.dress(d, blank, render.Light{}, &g); err != nil {
		return err
	}
	out := placed{Crop: [4]float32{g.X, g.Y, g.Cell * planesW, g.Cell * planesH}, Pose: [3]float32{d.face.Pose.Yaw, d.face.Pose.Pitch, d.face.Pose.Roll}}
	for i, p := range w.renderer.Placed(d.item) {
		e := partEntry{
			File: fmt.Sprintf("part%02d.ply", i), Kind: int(p.Kind), Lens: p.Lens, Reflect: p.Reflect,
			Opacity: p.Opacity, Metallic: p.Metallic, Roughness: p.Roughness,
		}
		if p.Period > 0 {
			e.Texture, e.Period = fmt.Sprintf("part%02d.png", i), p.Period
			if err := camera.SavePicture(filepath.Join(dir, e.Texture), texture(&p)); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(dir, e.File), ply(&p), 0o644); err != nil {
			return err
		}
		out.Parts = append(out.Parts, e)
	}
	return writeJSON(filepath.Join(dir, "parts.json"), out)
}

// ply is a part as binary PLY: place, normal, u v in mm, colour.
func ply(p *render.PlacedPart) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "ply\nformat binary_little_endian 1.0\nelement vertex %d\n", len(p.Positions))
	for _, name := range []string{"x", "y", "z", "nx", "ny", "nz", "u", "v", "r", "g", "b"} {
		fmt.Fprintf(&b, "property float %s\n", name)
	}
	fmt.Fprintf(&b, "element face %d\nproperty list uchar int vertex_indices\nend_header\n", len(p.Triangles))
	le := binary.LittleEndian
	for i := range p.Positions {
		row := append(append(append(p.Positions[i][:], p.Normals[i][:]...), p.UV[i][:]...), p.Colours[i][:]...)
		for _, v := range row {
			b.Write(le.AppendUint32(nil, math.Float32bits(v)))
		}
	}
	for _, t := range p.Triangles {
		b.WriteByte(3)
		for _, k := range t {
			b.Write(le.AppendUint32(nil, k))
		}
	}
	return b.Bytes()
}

// texture is one period of a pattern, sRGB; its first row is v = 0.
func texture(p *render.PlacedPart) image.Image {
	const n = 256
	img := image.NewNRGBA(image.Rect(0, 0, n, n))
	for y := range n {
		for x := range n {
			c := p.Pattern((float32(x)+0.5)/n*p.Period, (float32(y)+0.5)/n*p.Period)
			img.SetNRGBA(x, y, color.NRGBA{cielab.Byte(float64(c[0])), cielab.Byte(float64(c[1])), cielab.Byte(float64(c[2])), 255})
		}
	}
	return img
}
