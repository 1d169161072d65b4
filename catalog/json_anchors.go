package catalog

// The file's form of the types in anchors.go.
type (
	anchorsFile struct {
		Picture    string          `json:"picture,omitempty"`
		Width      int             `json:"width"`
		Height     int             `json:"height"`
		Outlines   [2][][2]float32 `json:"outlines"`
		Contour    [][2]float32    `json:"contour,omitempty"`
		Bridge     [2]float32      `json:"bridge"`
		Hinges     [2][2]float32   `json:"hinges"`
		Axis       [2][2]float32   `json:"axis"`
		MMPerPixel float32         `json:"mm_per_px"`
		Scale      ScaleFrom       `json:"scale,omitempty"`
		Measured   measuredFile    `json:"measured,omitzero"`
		Doubts     []doubtFile     `json:"doubts,omitempty"`
		Dragged    []AnchorName    `json:"dragged,omitempty"`
	}
	measuredFile struct {
		Opening    float32 `json:"opening"`
		Height     float32 `json:"height"`
		Between    float32 `json:"between"`
		FrontWidth float32 `json:"front_width"`
		Rim        float32 `json:"rim"`
	}
	doubtFile struct {
		What    string  `json:"what"`
		Why     string  `json:"why"`
		Measure float32 `json:"measure"`
		Limit   float32 `json:"limit"`
	}
	frontFile struct {
		Hash    string     `json:"hash,omitempty"`
		File    string     `json:"file,omitempty"`
		PxPerMM float32    `json:"px_per_mm"`
		Centre  [2]float32 `json:"centre"`
	}
)

func (f *anchorsFile) anchors() Anchors {
	a := Anchors{
		f.Picture, f.Width, f.Height, f.Outlines, f.Contour, f.Bridge, f.Hinges, f.Axis,
		f.MMPerPixel, f.Scale, Measured(f.Measured), nil, f.Dragged,
	}
	for _, d := range f.Doubts {
		a.Doubts = append(a.Doubts, Doubt(d))
	}
	return a
}

func fileOfAnchors(a *Anchors) anchorsFile {
	f := anchorsFile{
		a.Picture, a.Width, a.Height, a.Outlines, a.Contour, a.Bridge, a.Hinges, a.Axis,
		a.MMPerPixel, a.Scale, measuredFile(a.Measured), nil, a.Dragged,
	}
	for _, d := range a.Doubts {
		f.Doubts = append(f.Doubts, doubtFile(d))
	}
	return f
}

func (f *frontFile) front() *FrontPhoto {
	if f == nil {
		return nil
	}
	return &FrontPhoto{Hash: f.Hash, File: f.File, PxPerMM: f.PxPerMM, Centre: f.Centre}
}

func fileOfFront(p *FrontPhoto) *frontFile {
	if p == nil {
		return nil
	}
	return &frontFile{p.Hash, p.File, p.PxPerMM, p.Centre}
}
