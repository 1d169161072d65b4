package render

import "cheval/tryon/eyewear"

type headDepth struct{}

func (h *headDepth) visible(x, y, z float32, k eyewear.PartKind) float32 { return 1 }

type fading struct{ on bool }

func (f *fading) visible(x, y, z float32) float32 { return 1 }
