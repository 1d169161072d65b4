package camera

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Device is one camera, however many /dev/video nodes it owns.
type Device struct {
	// ID stays the same from one start to the next: the camera's serial name
	// where it has one of its own, else the port that it hangs on.
	ID string
	// Name is what its maker calls it; Label tells it from others of that name.
	Name, Label string
	// Node is its capture node, such as video0. It changes with every plug.
	Node string

	number int
	bus    string
	byID   string
}

// Host is where devices are looked for.
type Host struct {
	// Sys and Dev are the roots of sysfs and of the device files.
	Sys, Dev string
	// Query asks a node what it is.
	Query func(node string) (Capability, error)
}

// ThisHost is the machine that runs this.
func ThisHost() Host { return Host{Sys: "/sys", Dev: "/dev", Query: queryCapability} }

// List returns the cameras of this machine, none being no error.
func List() ([]Device, error) { return ThisHost().List() }

// List returns the cameras in the order of their nodes.
func (h Host) List() ([]Device, error) {
	class := filepath.Join(h.Sys, "class", "video4linux")
	entries, err := os.ReadDir(class)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("camera: list the cameras: %w", err)
	}
	byID := h.links()
	var found []Device
	for _, e := range entries {
		if d, ok := h.inspect(class, e.Name()); ok {
			d.byID = byID[d.Node]
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b Device) int { return cmp.Compare(a.number, b.number) })
	return label(onePerCamera(found)), nil
}

// inspect looks at one node and says whether pictures come out of it.
func (h Host) inspect(class, node string) (Device, bool) {
	digits, ok := strings.CutPrefix(node, "video")
	number, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return Device{}, false
	}
	d := Device{Node: node, number: number, Name: cleanName(readLine(filepath.Join(class, node, "name")))}
	capability, err := h.Query(filepath.Join(h.Dev, node))
	if err != nil {
		// The node may not be opened; the first of each camera captures.
		link, _ := filepath.EvalSymlinks(filepath.Join(class, node, "device"))
		d.bus = filepath.Base(link)
		return named(d), readLine(filepath.Join(class, node, "index")) == "0"
	}
	if d.Name == "" {
		d.Name = cleanName(capability.Card)
	}
	d.bus = capability.Bus
	return named(d), capability.Captures
}

func named(d Device) Device {
	if d.Name == "" {
		d.Name = "Camera " + d.Node
	}
	return d
}

// links maps nodes to their names in /dev/v4l/by-id, which udev makes of
// maker, model and serial number.
func (h Host) links() map[string]string {
	dir := filepath.Join(h.Dev, "v4l", "by-id")
	entries, _ := os.ReadDir(dir)
	names := make(map[string]string, len(entries))
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
			names[filepath.Base(target)] = e.Name()
		}
	}
	return names
}

// onePerCamera keeps the first capture node of each camera: nodes of the same
// name on the same bus address are one device.
func onePerCamera(nodes []Device) []Device {
	seen := map[[2]string]bool{}
	return slices.DeleteFunc(nodes, func(d Device) bool {
		key := [2]string{d.bus, d.Name}
		if d.bus == "" {
			return false
		}
		had := seen[key]
		seen[key] = true
		return had
	})
}

// label chooses IDs and tells cameras of one name apart. Two of the same make
// share one serial name where the maker gave none, so those go by their port.
func label(devices []Device) []Device {
	count := map[string]int{}
	for _, d := range devices {
		count[d.Name]++
	}
	nth := map[string]int{}
	for i := range devices {
		d := &devices[i]
		d.Label = d.Name
		if count[d.Name] > 1 {
			nth[d.Name]++
			d.Label = fmt.Sprintf("%s (%d)", d.Name, nth[d.Name])
		}
		switch {
		case d.byID != "" && count[d.Name] == 1:
			d.ID = d.byID
		case d.bus != "":
			d.ID = d.bus
		default:
			d.ID = d.Node
		}
	}
	return devices
}

// Find returns the camera with this ID, label or name, in this order, or the
// first one for "".
func (h Host) Find(name string) (Device, error) {
	devices, err := h.List()
	if err != nil {
		return Device{}, err
	}
	if len(devices) == 0 {
		return Device{}, &Problem{Unplugged, "no camera is connected; plug one in, or choose a clip, a picture or the demo"}
	}
	if name == "" {
		return devices[0], nil
	}
	for _, same := range []func(Device) bool{
		func(d Device) bool { return d.ID == name || d.byID == name || d.bus == name },
		func(d Device) bool { return d.Label == name || d.Node == name },
		func(d Device) bool { return d.Name == name },
	} {
		if i := slices.IndexFunc(devices, same); i >= 0 {
			return devices[i], nil
		}
	}
	return Device{}, &Problem{Unplugged, fmt.Sprintf("%s is not connected; plug it in, or choose %s", name, devices[0].Label)}
}

// cleanName undoes the kernel's doubling: "HD Webcam: HD Webcam" and the like,
// cut off at 31 bytes.
func cleanName(name string) string {
	if first, rest, ok := strings.Cut(name, ": "); ok && strings.HasPrefix(first, rest) {
		return first
	}
	return name
}

func readLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(text), ""))
}
