package models

import "time"

// A probe runs often enough that its best time is steady on a busy machine.
const (
	probeWarmups = 3
	probeRuns    = 20
)

// probe returns the best time of a run in milliseconds, tensors copied to and
// from the device included, as the mirror does on every frame.
func (r *Runtime) probe(onnx []byte, cuda bool) (float64, error) {
	s, err := r.start(sessionSpec{name: probeModel, onnx: onnx, threads: threads, cuda: cuda})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	return bestOf(s, probeWarmups, probeRuns)
}

// bestOf times a session's runs after some warm-ups, in milliseconds.
func bestOf(s *Session, warmups, runs int) (float64, error) {
	best := time.Duration(0)
	for i := range warmups + runs {
		start := time.Now()
		if err := s.Run(); err != nil {
			return 0, err
		}
		if d := time.Since(start); i >= warmups && (best == 0 || d < best) {
			best = d
		}
	}
	return float64(best) / float64(time.Millisecond), nil
}

// threads is how many a model gets. Measured on two cores, best times in
// milliseconds with one thread and with two (go test -bench Models ./models):
// face mesh 0.94 and 0.98, attention mesh 1.37 and 1.41, iris 1.27 and 1.33,
// near faces 1.13 and 1.15, far faces 2.91 and 2.74, pose 14.7 and 13.6, person
// mask 2.36 and 2.38. A second thread gains nothing where it counts, and takes
// the core that draws.
const threads = 1
