package tryon

import (
	"image"

	"cheval/tryon/perceive"
	"cheval/tryon/render"
)

// lights keeps the light on each face from frame to frame.
type lights struct {
	known []faceLight
}

type faceLight struct {
	id    int
	light render.Light
	seen  bool // in the frame in hand
}

// estimate looks at the light on the faces, and forgets those that are gone.
func (l *lights) estimate(img *image.RGBA, faces []*perceive.Face) {
	for i := range l.known {
		l.known[i].seen = false
	}
	for _, f := range faces {
		k := l.at(f.ID)
		k.light, k.seen = render.EstimateLight(img, f, k.light), true
	}
	kept := l.known[:0]
	for _, k := range l.known {
		if k.seen {
			kept = append(kept, k)
		}
	}
	l.known = kept
}

// at returns the entry of a face, new if need be.
func (l *lights) at(id int) *faceLight {
	for i := range l.known {
		if l.known[i].id == id {
			return &l.known[i]
		}
	}
	l.known = append(l.known, faceLight{id: id})
	return &l.known[len(l.known)-1]
}

// of returns the light on a face that was estimated in this frame.
func (l *lights) of(id int) render.Light { return l.at(id).light }

func (l *lights) forget() { l.known = l.known[:0] }
