package render

import (
	"image"

	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// Light is how a face is lit and how the camera draws it, as far as a product
// beside it should share. The zero Light stands for a bright, even room.
type Light struct {
	// Ambient is what a white matt surface would show under the light that
	// comes from all around, Direct what it gains when it faces Direction;
	// linear RGB, 1 being the picture's white.
	Ambient, Direct [3]float32
	// Direction points towards the light, in camera space, unit.
	Direction mgl32.Vec3
	// Blur is the picture's point spread, σ in pixels; Noise its grain, σ in
	// 8-bit levels.
	Blur, Noise float32
	// Weight is how many pictures it rests on, up to a limit; 0: none.
	Weight float32
}

// evenLight is used where nothing is known.
var evenLight = Light{
	Ambient:   [3]float32{0.62, 0.62, 0.62},
	Direct:    [3]float32{0.34, 0.34, 0.34},
	Direction: mgl32.Vec3{-0.35, 0.55, 0.76},
	Blur:      0.5,
}

func (l Light) orDefault() Light {
	if l.Ambient == [3]float32{} && l.Direct == [3]float32{} {
		return evenLight
	}
	if l.Direction.Dot(l.Direction) < 0.25 {
		l.Direction = evenLight.Direction
	}
	l.Direction = l.Direction.Normalize()
	return l
}

func EstimateLight(img *image.RGBA, face *perceive.Face, prev Light) Light { return evenLight }
