package camera

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Capability is what a node says of itself.
type Capability struct {
	Card, Bus string
	// Captures: pictures come out of this node (not metadata, not a codec).
	Captures bool
}

// Numbers and layouts of linux/videodev2.h.
const (
	vidiocQueryCap = 0x80685600 // _IOR('V', 0, struct v4l2_capability)
	vidiocReqBufs  = 0xc0145608 // _IOWR('V', 8, struct v4l2_requestbuffers)

	capVideoCapture       = 0x00000001
	capVideoCaptureMplane = 0x00001000
	capStreaming          = 0x04000000
	capDeviceCaps         = 0x80000000

	bufTypeVideoCapture = 1
	memoryMmap          = 1
)

type v4l2Capability struct {
	driver       [16]byte
	card         [32]byte
	busInfo      [32]byte
	version      uint32
	capabilities uint32
	deviceCaps   uint32
	_            [3]uint32
}

type v4l2RequestBuffers struct {
	count, kind, memory, capabilities uint32
	_                                 [4]byte
}

func queryCapability(node string) (Capability, error) {
	fd, err := unix.Open(node, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return Capability{}, err
	}
	defer unix.Close(fd)
	var raw v4l2Capability
	if err := ioctl(fd, vidiocQueryCap, unsafe.Pointer(&raw)); err != nil {
		return Capability{}, err
	}
	caps := raw.capabilities
	if caps&capDeviceCaps != 0 {
		caps = raw.deviceCaps
	}
	return Capability{
		Card: cString(raw.card[:]), Bus: cString(raw.busInfo[:]),
		Captures: caps&(capVideoCapture|capVideoCaptureMplane) != 0 && caps&capStreaming != 0,
	}, nil
}

// taken asks for no buffers at all, which a driver refuses with EBUSY while
// another program streams, and grants without effect otherwise.
func taken(node string) error {
	fd, err := unix.Open(node, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	req := v4l2RequestBuffers{kind: bufTypeVideoCapture, memory: memoryMmap}
	return ioctl(fd, vidiocReqBufs, unsafe.Pointer(&req))
}

func ioctl(fd int, request uintptr, arg unsafe.Pointer) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
		runtime.KeepAlive(arg)
		if errno == 0 {
			return nil
		}
		if errno != unix.EINTR {
			return errno
		}
	}
}

func cString(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return strings.ToValidUTF8(s, "")
}

// diagnose finds out why a device could not be opened.
func (h Host) diagnose(d Device) error {
	return problemOf(d, taken(filepath.Join(h.Dev, d.Node)))
}

func problemOf(d Device, err error) *Problem {
	switch {
	case errors.Is(err, unix.EBUSY):
		return &Problem{Busy, fmt.Sprintf("another program is using %s; close it there", d.Label)}
	case errors.Is(err, os.ErrNotExist), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return &Problem{Unplugged, fmt.Sprintf("%s was unplugged; plug it in again", d.Label)}
	case errors.Is(err, os.ErrPermission):
		return &Problem{Failed, fmt.Sprintf("this user may not use %s; add the user to the group \"video\" and log in again", d.Label)}
	case err != nil:
		return &Problem{Failed, fmt.Sprintf("%s cannot be opened (%v); unplug it and plug it in again", d.Label, err)}
	}
	return &Problem{Failed, fmt.Sprintf("%s cannot be opened in any format that is read; choose another camera", d.Label)}
}

// present says whether the device's node is still there.
func (h Host) present(d Device) bool {
	_, err := os.Stat(filepath.Join(h.Dev, d.Node))
	return err == nil
}
