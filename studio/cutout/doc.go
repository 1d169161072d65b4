// Package cutout takes a product out of its photo: ISNet says where it is,
// the edge is refined at the photo's full resolution, and the background's
// colour is taken out of it.
//
// It leaves to others where photos come from, what the picture is made into
// (studio/enhance), and the model's installation (models).
package cutout
