// Package frames proposes eyewear that does not exist yet. A density over the
// measures of frames and the outlines of their lenses, learned from the starter
// catalogue and the shop's own frames, gives new ones of an asked shape,
// material, colour and size, like liked ones where some are given. What could
// not be made or sold, is nearly a frame that exists, or is nearly another
// proposal of the same request is thrown away.
//
// The same prior, request, seed, number and attempt give the same frame, bit
// for bit. It leaves garments to the package above it, how a frame looks on a
// face to tryon and studio/publish, and keeping one to catalog/store.
package frames
