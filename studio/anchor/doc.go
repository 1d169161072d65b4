// Package anchor finds a frame in its front photo: the two lens openings, the
// front's outer edge, bridge and hinges, the scale, the colours; and makes of
// them a product that can be worn, its front textured from the photo.
//
// It leaves to others the cut-out that it starts from (studio/cutout), the mesh
// (tryon/eyewear) and its drawing (tryon/render), and what may be published
// (studio/publish). docs/anchors.md explains how it finds, and how well.
package anchor
