package perceive

// stableLeft are the landmarks that hold the head's pose, each with its
// weight, on the midline and at the picture's left; the others mirror them.
// They sit on bone: the bridge of the nose and its sides, the corners of the
// eyes, cheekbones, temples and forehead. Jaw, lips, eyelids and brows are left
// out, so that speaking, blinking and frowning do not move what is worn.
// Weights fall with how much skin slides there (the forehead moves with the
// brows, the silhouette with the angle) and were chosen on clips of people who
// speak: lower weights for what wandered in head space.
var stableLeft = []struct {
	landmark int
	weight   float64
}{
	// Midline: bridge, tip and root of the nose.
	{168, 1}, {6, 1}, {197, 1}, {195, 1}, {5, 1}, {4, 1}, {1, 0.8}, {8, 0.8}, {9, 0.5}, {2, 0.4}, {151, 0.3}, {10, 0.3},
	// Sides and wings of the nose.
	{122, 1}, {196, 1}, {3, 1}, {51, 1}, {45, 0.8}, {193, 0.8}, {245, 0.8}, {188, 1}, {174, 1}, {236, 1},
	{114, 0.8}, {217, 0.8}, {198, 0.8}, {134, 0.8}, {220, 0.8}, {131, 0.6}, {115, 0.6}, {48, 0.5}, {129, 0.5}, {98, 0.4},
	// Corners of the eyes and the rim of the orbit.
	{33, 1}, {133, 1}, {130, 1}, {243, 1}, {226, 0.8}, {244, 0.8}, {128, 0.6}, {121, 0.6}, {120, 0.5}, {119, 0.5},
	{35, 0.6}, {143, 0.6}, {31, 0.5},
	// Cheekbones.
	{111, 0.6}, {116, 0.6}, {117, 0.6}, {118, 0.5}, {123, 0.4}, {50, 0.3}, {101, 0.3}, {100, 0.3}, {47, 0.4}, {126, 0.4},
	// Temples and forehead.
	{34, 0.4}, {127, 0.4}, {139, 0.4}, {162, 0.3}, {21, 0.3}, {71, 0.3}, {54, 0.3}, {68, 0.3}, {103, 0.3}, {104, 0.3},
	{67, 0.3}, {69, 0.3}, {109, 0.3}, {108, 0.3}, {234, 0.3}, {227, 0.3},
}

// Landmarks by name, of MediaPipe's face mesh. "Left" is the picture's left.
const (
	lmEyeOuterLeft  = 33
	lmEyeInnerLeft  = 133
	lmEyeOuterRight = 263
	lmEyeInnerRight = 362
	lmLidUpperLeft  = 159
	lmLidLowerLeft  = 145
	lmLidUpperRight = 386
	lmLidLowerRight = 374
	lmNoseTip       = 1
	lmUnderNose     = 164
	lmBrowMiddle    = 9
	lmMouthUpper    = 13
	lmMouthLower    = 14
	lmEarLeft       = 234
	lmEarRight      = 454
	lmIrisLeft      = 468 // centre; 469 to 472 its rim
	lmIrisRight     = 473 // centre; 474 to 477 its rim
	meshPoints      = 468
)

// IrisMM is the iris's horizontal diameter, white to white: 11.7 mm on
// average, with 0.5 mm as the half-width of the interval that holds most
// people (Rüfer et al., Cornea 2005: 11.71 ± 0.42 mm over 390 eyes).
const IrisMM = 11.7
