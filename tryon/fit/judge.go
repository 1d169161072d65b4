package fit

import (
	"math"

	"cheval/catalog"
	"cheval/tryon/eyewear"
	"cheval/tryon/perceive"
)

// Bands, in millimetres unless said; docs/fit.md gives the reasons.
const (
	widthGood = 6  // front against face, either way
	widthFar  = 10 // from here it is plainly the wrong size

	bridgeGood = 2 // fixed bridge against nose
	bridgeFar  = 4
	padPlay    = 1 // pads on arms are adjusted by as much again

	// The pupil's place across the lens, in half lens widths towards the nose,
	// and up, in half lens heights.
	acrossIn, acrossFarIn   = 0.3, 0.5
	acrossOut, acrossFarOut = -0.1, -0.25
	upLow, upHigh           = -0.2, 0.6

	// contourError is the 95 % error of where the mesh's edge is put, both
	// sides together.
	contourError = 3
	// depthError is the 95 % error of the head's distance, as a share, where the
	// camera's focal length is assumed: the mesh's edge lies behind the pupils,
	// and how much smaller that makes it look depends on the distance.
	depthError = 0.2
	// irisSpread is the 95 % spread of iris diameters between people, as a
	// share: 11.7 ± 0.5 mm; cardError that of a card's edges.
	irisSpread, cardError = 0.5 / 11.7, 0.012
)

// Judge says how a frame fits a face. Where the face has no millimetres the
// report says only why.
func Judge(m *eyewear.Mesh, spec *catalog.Eyewear, f *perceive.Face) *Report {
	r := new(Report)
	r.Set(m, spec, f)
	return r
}

// Set makes r the judgement of a frame on a face, as Judge does, without
// allocating.
func (r *Report) Set(m *eyewear.Mesh, spec *catalog.Eyewear, f *perceive.Face) {
	*r = Report{}
	if !f.Measure.Known() {
		r.Why = f.Measure.Why
		return
	}
	var h head
	h.set(f)
	r.Known = true
	r.judgeWidth(spec, &h, f.Measure, -f.Pose.Head[14])
	r.judgeBridge(m, spec, &h)
	r.judgePupil(m, spec, &h, f)
	r.Overall = worst(r.Width, r.Bridge, r.Pupil)
}

// distance is the head's from the camera, millimetres.
func (r *Report) judgeWidth(spec *catalog.Eyewear, h *head, m perceive.Measure, distance float32) {
	r.FaceWidthmm, r.FrontWidthmm = h.width(), spec.Overall()
	r.Widthmm = r.FrontWidthmm - r.FaceWidthmm
	r.Width = band(r.Widthmm, widthGood, widthFar)
	share := float32(irisSpread)
	switch {
	case m.PDmm > 0 && m.PDErrormm > 0:
		share = m.PDErrormm / m.PDmm
	case m.Source == perceive.MeasureCard:
		share = cardError
	}
	behind := (h.eye[2] - h.temple[1][2]) / max(distance, 200)
	r.ErrorMM = sqrt(sqr(share*r.FaceWidthmm) + sqr(contourError) + sqr(depthError*behind*r.FaceWidthmm))
}

// judgeBridge puts the frame where its lenses belong (vertex distance and
// height as fitted) and sees how much room there is beside the nose.
func (r *Report) judgeBridge(m *eyewear.Mesh, spec *catalog.Eyewear, h *head) {
	s := newSlide(h, m, spec, 0)
	y := h.eye[1] - s.centre[1] - pupilAbove
	z := h.eye[2] + vertexDistance + lensThickness - s.lens(y)
	room := float32(math.Inf(1))
	for _, c := range s.contacts[:s.count] {
		if w, ok := h.noseWidth(c[1]+y, c[2]+z); ok {
			room = min(room, c[0]+skinGives-w)
		}
	}
	if math.IsInf(float64(room), 1) {
		room = 0
	}
	r.Bridgemm = spec.Bridge
	r.NoseWidthmm = max(spec.Bridge-2*room, 0)
	good, far := float32(bridgeGood), float32(bridgeFar)
	if spec.NosePads {
		good, far = good+padPlay, far+padPlay
	}
	r.Bridge = band(2*room, good, far)
}

// judgePupil sees where the pupils stand in the lenses as the frame sits.
func (r *Report) judgePupil(m *eyewear.Mesh, spec *catalog.Eyewear, h *head, f *perceive.Face) {
	p := h.place(m, spec)
	sin, cos := sincos(p.pitch)
	centre := pitched(m.LensCentre[1], sin, cos)
	half := h.eye[0]
	if f.Measure.PDFarmm > 0 {
		half = f.Measure.PDFarmm / 2
	}
	r.PupilAcross = (centre[0] - half) / (spec.LensWidth / 2)
	r.PupilUp = (h.eye[1] - p.y - centre[1]) / (spec.LensHeight / 2)
	switch {
	case r.PupilAcross > acrossFarIn:
		r.Pupil = TooFar
	case r.PupilAcross < acrossFarOut:
		r.Pupil = TooTight
	case r.PupilAcross > acrossIn || r.PupilUp > upHigh:
		r.Pupil = Wide
	case r.PupilAcross < acrossOut || r.PupilUp < upLow:
		r.Pupil = Narrow
	default:
		r.Pupil = Good
	}
}

// noseWidth is the half width of the nose at height y and depth z: how far out
// its surface falls to that depth.
func (h *head) noseWidth(y, z float32) (float32, bool) {
	const step = 0.5
	last, ok := h.surface(0, y)
	if !ok || last < z {
		return 0, ok && last >= z-2
	}
	for x := float32(step); x < 30; x += step {
		n, ok := h.surface(x, y)
		if !ok {
			return 0, false
		}
		if n < z {
			return x - step*(z-n)/(last-n), true
		}
		last = n
	}
	return 0, false
}

// band sorts a difference: positive, the frame is the wider.
func band(d, good, far float32) Band {
	switch {
	case d > far:
		return TooFar
	case d < -far:
		return TooTight
	case d > good:
		return Wide
	case d < -good:
		return Narrow
	}
	return Good
}

// worst is the gravest of some bands.
func worst(bands ...Band) Band {
	out := Good
	for _, b := range bands {
		if gravity(b) > gravity(out) {
			out = b
		}
	}
	return out
}

func gravity(b Band) int {
	switch b {
	case Good:
		return 0
	case Narrow, Wide:
		return 1
	}
	return 2
}

func sqr(x float32) float32 { return x * x }
