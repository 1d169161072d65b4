package camera

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// node is one /dev/video file of a machine made for a test.
type node struct {
	file, name, index string
	cap               Capability
	err               error
	byID              string
}

func machine(t *testing.T, nodes ...node) Host {
	t.Helper()
	root := t.TempDir()
	h := Host{Sys: filepath.Join(root, "sys"), Dev: filepath.Join(root, "dev")}
	caps := map[string]node{}
	write := func(path, text string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range nodes {
		class := filepath.Join(h.Sys, "class/video4linux", n.file)
		write(filepath.Join(class, "name"), n.name+"\n")
		write(filepath.Join(class, "index"), n.index+"\n")
		write(filepath.Join(h.Dev, n.file), "")
		if n.byID != "" {
			link := filepath.Join(h.Dev, "v4l/by-id", n.byID)
			if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o755), os.Symlink("../../"+n.file, link)); err != nil {
				t.Fatal(err)
			}
		}
		caps[filepath.Join(h.Dev, n.file)] = n
	}
	h.Query = func(path string) (Capability, error) { return caps[path].cap, caps[path].err }
	return h
}

func captures(bus string) Capability { return Capability{Bus: bus, Captures: true} }

func TestOneWebcamOwnsSeveralNodes(t *testing.T) {
	h := machine(t,
		node{file: "video10", name: "BRIO: BRIO", index: "0", cap: captures("usb-1"), byID: "usb-Logi_BRIO_1234-video-index0"},
		node{file: "video11", name: "BRIO: BRIO", index: "1", cap: Capability{Bus: "usb-1"}, byID: "usb-Logi_BRIO_1234-video-index1"},
		node{file: "video12", name: "BRIO: BRIO", index: "2", cap: captures("usb-1")},
		node{file: "video2", name: "Integrated Camera", index: "0", cap: captures("usb-7")},
		node{file: "video3", name: "Integrated Camera", index: "1", cap: Capability{Bus: "usb-7"}},
		node{file: "v4l-subdev0", name: "sensor", index: "0", cap: captures("x")},
	)
	devices, err := h.List()
	if err != nil {
		t.Fatal(err)
	}
	if len(devices) != 2 {
		t.Fatalf("%d cameras: %+v", len(devices), devices)
	}
	if d := devices[0]; d.Name != "Integrated Camera" || d.Node != "video2" || d.ID != "usb-7" || d.Label != d.Name {
		t.Errorf("%+v", d)
	}
	if d := devices[1]; d.Name != "BRIO" || d.Node != "video10" || d.ID != "usb-Logi_BRIO_1234-video-index0" {
		t.Errorf("%+v", d)
	}
}

func TestTwoCamerasOfOneNameAreToldApart(t *testing.T) {
	h := machine(t,
		node{file: "video0", name: "USB Camera", index: "0", cap: captures("usb-1"), byID: "usb-Cheap_Camera-video-index0"},
		node{file: "video2", name: "USB Camera", index: "0", cap: captures("usb-2")},
	)
	devices, err := h.List()
	if err != nil || len(devices) != 2 {
		t.Fatal(devices, err)
	}
	if devices[0].Label != "USB Camera (1)" || devices[1].Label != "USB Camera (2)" || devices[0].ID != "usb-1" || devices[1].ID != "usb-2" {
		t.Errorf("%+v", devices)
	}
	for name, want := range map[string]string{
		"usb-2": "video2", "USB Camera (2)": "video2", "USB Camera": "video0", "": "video0",
		"usb-Cheap_Camera-video-index0": "video0",
	} {
		if d, err := h.Find(name); err != nil || d.Node != want {
			t.Errorf("%q finds %s (%v), want %s", name, d.Node, err, want)
		}
	}
}

func TestCameraThatMayNotBeOpenedIsStillListed(t *testing.T) {
	h := machine(t,
		node{file: "video0", name: "USB Camera", index: "0", err: unix.EACCES},
		node{file: "video1", name: "USB Camera", index: "1", err: unix.EACCES},
	)
	devices, err := h.List()
	if err != nil || len(devices) != 1 || devices[0].Node != "video0" {
		t.Fatalf("%+v, %v", devices, err)
	}
}

func TestNoCameraIsAnEmptyListAndAPlainSentence(t *testing.T) {
	for name, h := range map[string]Host{
		"no driver": {Sys: t.TempDir(), Dev: t.TempDir()},
		"no node":   machine(t, node{file: "video0", name: "codec", index: "0"}),
	} {
		if devices, err := h.List(); err != nil || len(devices) != 0 {
			t.Errorf("%s: %v, %v", name, devices, err)
		}
		_, err := openDevice(h, Spec{Kind: KindDevice})
		var p *Problem
		if !errors.As(err, &p) || p.State != Unplugged || !strings.Contains(p.Text, "no camera is connected") {
			t.Errorf("%s: says %v", name, err)
		}
	}
}

func TestWhatIsWrongWithADeviceIsSaid(t *testing.T) {
	d := Device{Label: "BRIO"}
	for _, c := range []struct {
		err   error
		state State
		want  string
	}{
		{unix.EBUSY, Busy, "another program is using BRIO"},
		{unix.ENOENT, Unplugged, "BRIO was unplugged"},
		{unix.ENODEV, Unplugged, "BRIO was unplugged"},
		{unix.EACCES, Failed, "group \"video\""},
		{unix.EIO, Failed, "BRIO cannot be opened"},
		{nil, Failed, "choose another camera"},
	} {
		if p := problemOf(d, c.err); p.State != c.state || !strings.Contains(p.Text, c.want) {
			t.Errorf("%v: %+v", c.err, p)
		}
	}
}

// What is no V4L2 device at all: opening it fails in one sentence.
func TestDeviceFileThatIsNoDevice(t *testing.T) {
	h := machine(t, node{file: "video0", name: "Fake", index: "0", cap: captures("usb-1")})
	_, err := openDevice(h, Spec{Kind: KindDevice, Name: "Fake"})
	var p *Problem
	if !errors.As(err, &p) || p.State != Failed || !strings.Contains(p.Text, "Fake") {
		t.Errorf("says %v", err)
	}
	if _, err := queryCapability(filepath.Join(h.Dev, "video0")); !errors.Is(err, unix.ENOTTY) {
		t.Errorf("a plain file answers %v", err)
	}
}

func TestNamesAreCleaned(t *testing.T) {
	for in, want := range map[string]string{
		"HD Webcam: HD Webcam":            "HD Webcam",
		"HD Pro Webcam C920: HD Pro Webc": "HD Pro Webcam C920",
		"Integrated_Webcam_HD: Front":     "Integrated_Webcam_HD: Front",
		"plain":                           "plain",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestListOnThisMachineDoesNotFail(t *testing.T) {
	if _, err := List(); err != nil {
		t.Error(err)
	}
}
