// Package tflite is the TensorFlow Lite model format as generated from
// tflite.fbs, and Verify, without which the generated accessors must not see
// foreign bytes: they trust every offset and panic on a bad one.
package tflite

//go:generate flatc --go --gen-onefile --go-namespace tflite tflite.fbs
//go:generate gofmt -w tflite_generated.go
