package models

func checkONNX(b []byte) error { return nil }
