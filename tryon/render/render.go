// Package render draws placed eyewear into a frame on the CPU: a rasteriser
// with four samples a pixel, an occluding head, materials lit as the face is
// lit, lenses that tint and reflect, a contact shadow; blended in linear light.
//
// It leaves to others where the frame sits (fit) and its shape (eyewear).
package render
