package models

// Refiner is the name of the network that refines what the mirror draws: an
// imported model of that name takes the place of the one that ships.
const Refiner = "refiner"

// RefinerShapes are the shapes of the refiner's tensors, for Fixed, where it
// sees w by h cells: "crop" is its input, "change" its output (see tryon/refine).
func RefinerShapes(w, h int) map[string][]int64 {
	return map[string][]int64{"crop": {1, 11, int64(h), int64(w)}, "change": {1, 6, int64(h), int64(w)}}
}
