// Command frames writes the meshes of frames for tools/photos/render.py: it
// reads a list of {"name","eyewear"} and writes NAME.json into a folder.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"cheval/catalog"
	"cheval/tryon/eyewear"
)

type asked struct {
	Name    string          `json:"name"`
	Eyewear catalog.Eyewear `json:"eyewear"`
}

type part struct {
	Kind      string       `json:"kind"`
	Positions [][3]float32 `json:"positions"`
	Triangles [][3]uint32  `json:"triangles"`
}

type built struct {
	Parts  []part        `json:"parts"`
	Hinges [2][3]float32 `json:"hinges"`
	Width  float32       `json:"width"`
}

var names = map[eyewear.PartKind]string{
	eyewear.Front: "front", eyewear.TempleLeft: "temple-left", eyewear.TempleRight: "temple-right",
	eyewear.LensLeft: "lens-left", eyewear.LensRight: "lens-right", eyewear.Metalwork: "metalwork",
	eyewear.NosePad: "pad", eyewear.TipLeft: "tip-left", eyewear.TipRight: "tip-right", eyewear.LensEdge: "lens-edge",
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(list, out string) error {
	data, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	var all []asked
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for _, a := range all {
		m, err := eyewear.Build(a.Eyewear)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
		b := built{Hinges: [2][3]float32{m.HingeLeft, m.HingeRight}, Width: a.Eyewear.Overall()}
		for _, p := range m.Parts {
			q := part{Kind: names[p.Kind]}
			for _, v := range m.Positions[p.VertexFirst : p.VertexFirst+p.VertexCount] {
				q.Positions = append(q.Positions, v)
			}
			for _, t := range m.Triangles[p.First : p.First+p.Count] {
				first := uint32(p.VertexFirst)
				q.Triangles = append(q.Triangles, [3]uint32{t[0] - first, t[1] - first, t[2] - first})
			}
			b.Parts = append(b.Parts, q)
		}
		text, err := json.Marshal(b)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, a.Name+".json"), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
