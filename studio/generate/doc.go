// Package generate designs products that do not exist yet: pictures of
// garments and hats of an asked category and colour, drawn by the designer (a
// generative adversarial network of the project), like liked products where
// some are given. Designs that look unlike their category, poor, or too near
// to a picture that the designer learned from are thrown away.
//
// The same request, seed and number give the same design on the same device
// and version. It leaves the models' training to models/training, enlarging to
// studio/enhance, and keeping a design to catalog/store.
package generate
