// Package onnx is the ONNX model format as generated from onnx.proto.
package onnx

//go:generate go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
//go:generate protoc --go_out=. --go_opt=paths=source_relative onnx.proto
