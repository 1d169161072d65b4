package app

import (
	"context"
	"errors"
	"io"
	"math"
	"time"

	"cheval/app/live"
	"cheval/camera"
	"cheval/models"
	"cheval/tryon"
	"cheval/tryon/perceive"
)

const (
	stillSettle = 30  // frames before stillness counts
	stillFrames = 120 // frames that count
	stillNoise  = 3   // σ of the sensor's noise, in levels of 255
	turnSettle  = 30
	turnFrames  = 240
)

// offline measures what needs no window and no clock: stillness and lag.
func (r *benchReport) offline(ctx context.Context, store *models.Store, o benchOptions) error {
	e, err := tryon.OpenEngine(store, o.device, tryon.Options{})
	if err != nil {
		return err
	}
	defer e.Close()
	portrait, err := store.Path("demo_portrait")
	if err != nil {
		return err
	}
	still := camera.Spec{Kind: camera.KindStill, Path: portrait, Noise: stillNoise, Paced: true, FPS: 1000} // the clock is observe's
	seen, err := observe(ctx, e, store, still, stillSettle+stillFrames)
	if err != nil {
		return err
	}
	if len(seen) > stillSettle {
		rms := stray(seen[stillSettle:])
		r.Figures.StillRMS = &rms
	}
	e.Reset()
	turning := o.spec()
	turning.Paced = false
	if seen, err = observe(ctx, e, store, turning, turnSettle+turnFrames); err != nil {
		return err
	}
	if lag, ok := lagOf(seen); ok {
		r.Figures.Lag = &lag
	}
	return nil
}

// observation is what was seen in one frame, and what was true.
type observation struct {
	points  [perceive.Landmarks][2]float32
	yaw     float64
	trueYaw float64
	known   bool // that it is true
}

// observe runs the engine losslessly over n frames, 30 to the second by its own
// clock, and keeps the active face of each that has one.
func observe(ctx context.Context, e *tryon.Engine, store *models.Store, spec camera.Spec, n int) (seen []observation, err error) {
	src, err := live.Open(ctx, store, spec)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	for i := range n {
		f, err := src.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		f.Offset = time.Duration(i) * time.Second / 30
		r, err := e.Process(f, nil)
		f.Release()
		if err != nil {
			return nil, err
		}
		if len(r.Faces) > 0 {
			seen = append(seen, observed(r))
		}
		r.Release()
	}
	return seen, nil
}

func observed(r *tryon.Result) observation {
	face := r.Faces[0]
	o := observation{yaw: float64(face.Pose.Yaw)}
	for i, p := range face.Points {
		o.points[i] = [2]float32{p[0], p[1]}
	}
	if t := r.Frame.Truth; t != nil {
		o.trueYaw, o.known = float64(t.Yaw), true
	}
	return o
}

// stray is the root mean square distance of landmarks from their means.
func stray(seen []observation) float64 {
	var sum float64
	for i := range perceive.Landmarks {
		var mx, my float64
		for k := range seen {
			mx, my = mx+float64(seen[k].points[i][0]), my+float64(seen[k].points[i][1])
		}
		n := float64(len(seen))
		mx, my = mx/n, my/n
		for k := range seen {
			dx, dy := float64(seen[k].points[i][0])-mx, float64(seen[k].points[i][1])-my
			sum += dx*dx + dy*dy
		}
	}
	return math.Sqrt(sum / float64(len(seen)*perceive.Landmarks))
}

// Lags are sought in this range, in frames.
const (
	leastLag, mostLag = -3.0, 10.0
	lagStep           = 0.05
)

// lagOf finds how many frames the measured yaw is behind the true one: the
// shift at which a straight line through the pairs leaves the least error. It
// is not known where the truth is not, or does not move.
func lagOf(seen []observation) (float64, bool) {
	if len(seen) <= turnSettle+int(mostLag) {
		return 0, false
	}
	for i := range seen {
		if !seen[i].known {
			return 0, false
		}
	}
	best, at := math.Inf(1), 0.0
	for lag := leastLag; lag <= mostLag; lag += lagStep {
		if e, ok := shiftError(seen, lag); !ok {
			return 0, false
		} else if e < best {
			best, at = e, lag
		}
	}
	return math.Round(at/lagStep) * lagStep, true
}

// shiftError is what remains when the yaw is explained by the truth of lag
// frames before.
func shiftError(seen []observation, lag float64) (float64, bool) {
	var n, sx, sy, sxx, sxy, syy float64
	for i := turnSettle; i < len(seen)+int(leastLag)-1; i++ {
		at := float64(i) - lag
		j := int(math.Floor(at))
		if j < 0 || j+1 >= len(seen) {
			continue
		}
		t := at - float64(j)
		x, y := seen[j].trueYaw*(1-t)+seen[j+1].trueYaw*t, seen[i].yaw
		n, sx, sy, sxx, sxy, syy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y, syy+y*y
	}
	vx, vy, vxy := sxx-sx*sx/n, syy-sy*sy/n, sxy-sx*sy/n
	if !(vx/n > 1) { // degrees²: it does not turn
		return 0, false
	}
	return vy - vxy*vxy/vx, true
}
