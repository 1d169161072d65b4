// Package enhance makes a shop's picture of a cut-out: white balance,
// exposure, local contrast, noise, sharpness, straightened, cropped to a
// margin, larger, in another colour, on a background. Every function is pure:
// the same picture and parameters give the same picture.
//
// It leaves to others the cutting out (studio/cutout), the order of the steps
// and their record (studio).
package enhance
