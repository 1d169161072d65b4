package cutout

import (
	"fmt"
	"image"
	"runtime"

	"cheval/models"
	"cheval/studio/internal/pixels"
)

// Model is the name of the network in the manifest.
const Model = "isnet"

// side is the network's picture: 1024x1024, whatever the photo's shape.
const side = 1024

// Cutter runs ISNet. Its session and tensors live as long as it does; one
// goroutine at a time may use it.
type Cutter struct {
	session *models.Session
	small   *image.RGBA  // the photo at the network's size
	answer  *image.Alpha // the network's answer at that size
}

// Open starts the model on r. Close the cutter, or the runtime, when done.
//
// It runs on every core: unlike the mirror's models it has seconds of work, of
// which a second core takes nearly half.
func Open(r *models.Runtime) (*Cutter, error) {
	s, err := r.LoadWith(Model, models.LoadOptions{Threads: runtime.NumCPU(), Outputs: []string{"output"}})
	if err != nil {
		return nil, err
	}
	if shape := s.InputShape(""); len(shape) != 4 || shape[1] != 3 || shape[2] != side || shape[3] != side {
		return nil, fmt.Errorf("cutout: %s takes %v, not [1 3 %d %d]", Model, shape, side, side)
	}
	square := image.Rect(0, 0, side, side)
	return &Cutter{session: s, small: image.NewRGBA(square), answer: image.NewAlpha(square)}, nil
}

// Close ends the session. It may be called twice.
func (c *Cutter) Close() error { return c.session.Close() }

// Cut returns how much of each pixel is product, at img's size, as the network
// sees it: 0 background, 255 product. img must be opaque or on the background
// that it is to be judged on, with bounds from (0,0). The result belongs to the
// caller; Refine makes a clean edge of it.
func (c *Cutter) Cut(img *image.RGBA) (*image.Alpha, error) {
	if err := pixels.Scale(img, c.small); err != nil {
		return nil, err
	}
	fill(c.session.Input(""), c.small)
	if err := c.session.Run(); err != nil {
		return nil, err
	}
	for i, v := range c.session.Output("") {
		c.answer.Pix[i] = uint8(max(0, min(1, v))*255 + 0.5)
	}
	out := image.NewAlpha(img.Rect)
	return out, pixels.Scale(c.answer, out)
}

// fill writes the picture as the network wants it, planes of (x-128)/256.
func fill(in []float32, m *image.RGBA) {
	const plane = side * side
	pixels.Rows(side, func(from, to int) {
		for i := from * side; i < to*side; i++ {
			in[i] = (float32(m.Pix[4*i]) - 128) / 256
			in[plane+i] = (float32(m.Pix[4*i+1]) - 128) / 256
			in[2*plane+i] = (float32(m.Pix[4*i+2]) - 128) / 256
		}
	})
}
