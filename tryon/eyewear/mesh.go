// Package eyewear builds the 3D mesh of a frame from its measures in the
// trade's notation: rims, bridge, end pieces, hinges, temples, nose pads and
// lenses, in millimetres.
//
// It leaves to others where it sits on a face (fit) and how it looks (render).
package eyewear

import "github.com/go-gl/mathgl/mgl32"

// Mesh is a frame in its own space: millimetres, right-handed, origin midway
// between the lenses' boxes at their middle height on the front's front plane,
// x to the right of a person who looks at the wearer, y up, z towards that
// person; temples open, running to -z, the front tilted about the x axis by the
// pantoscopic angle. Temples hang on hinges, so each may splay: its vertices
// are those of its Parts. Left and right are the picture's: left has x < 0.
// All parts but the lenses are closed solids.
type Mesh struct {
	Positions []mgl32.Vec3
	Normals   []mgl32.Vec3 // unit
	UV        []mgl32.Vec2 // millimetres along the part's surface; lenses: -1..1 in their box
	Triangles [][3]uint32  // counter-clockwise seen from outside
	Parts     []Part       // cover Triangles without gap or overlap
	// HingeLeft and HingeRight are the temples' axes (vertical lines through
	// these points), left and right as they stand in the picture.
	HingeLeft, HingeRight mgl32.Vec3
	// BridgeRest is the point at the back of the bridge that rests on the nose:
	// midway between the pads, built in or on arms.
	BridgeRest mgl32.Vec3
	// Contacts are points of the half x > 0 that may touch the nose: along the
	// bridge's lower edge and the pad. Their mirror images belong to the other half.
	Contacts []mgl32.Vec3
	// LensCentre are the boxes' middles, left and right in the picture.
	LensCentre [2]mgl32.Vec3
	// LensNormal are the outward normals of the boxes' planes.
	LensNormal [2]mgl32.Vec3
	// BendLength is a temple's length from its hinge to the bend over the ear.
	BendLength float32
	// TempleRest is the point before the bend where the inner lower edge of the
	// right temple lies on the ear; mirror it for the left.
	TempleRest mgl32.Vec3
	// LensRadius is that of the sphere of the lenses' front surfaces.
	LensRadius float32
}

// Part is a run of triangles of one kind.
type Part struct {
	Kind         PartKind
	First, Count int // of Triangles
	VertexFirst  int // its vertices, which no other part uses
	VertexCount  int
}

// PartKind says what a part is; the renderer chooses its surface by it.
type PartKind uint8

const (
	Front PartKind = iota // rims, bridge, end pieces
	TempleLeft
	TempleRight
	LensLeft
	LensRight
	Metalwork // hinges, screws, pad arms, rimless mounts
	NosePad   // clear silicone
	TipLeft   // acetate end of a metal temple; splays with TempleLeft
	TipRight
	LensEdge // polished edge of a lens that no rim hides
)
