package tflite

// modelSpec is the shape of tflite.fbs as Verify walks it.
func modelSpec() *tableSpec {
	operatorCode := &tableSpec{
		{id: 0, kind: scalar, size: 1},
		{id: 1, kind: vector, size: 1},
		{id: 3, kind: scalar, size: 4},
	}
	subGraph := &tableSpec{
		{id: 0, kind: tables, of: tensorSpec()},
		{id: 1, kind: vector, size: 4},
		{id: 2, kind: vector, size: 4},
		{id: 3, kind: tables, of: operatorSpec()},
	}
	buffer := &tableSpec{{id: 0, kind: vector, size: 1}}
	return &tableSpec{
		{id: 0, kind: scalar, size: 4},
		{id: 1, kind: tables, of: operatorCode},
		{id: 2, kind: tables, of: subGraph},
		{id: 4, kind: tables, of: buffer},
	}
}

func tensorSpec() *tableSpec {
	indices := map[byte]*tableSpec{
		byte(SparseIndexVectorInt32Vector):  {{id: 0, kind: vector, size: 4}},
		byte(SparseIndexVectorUint16Vector): {{id: 0, kind: vector, size: 2}},
		byte(SparseIndexVectorUint8Vector):  {{id: 0, kind: vector, size: 1}},
	}
	dimension := &tableSpec{
		{id: 0, kind: scalar, size: 1},
		{id: 1, kind: scalar, size: 4},
		{id: 2, kind: scalar, size: 1},
		{id: 3, kind: union, members: indices},
		{id: 4, kind: scalar, size: 1},
		{id: 5, kind: union, members: indices},
	}
	sparsity := &tableSpec{
		{id: 0, kind: vector, size: 4},
		{id: 1, kind: vector, size: 4},
		{id: 2, kind: tables, of: dimension},
	}
	return &tableSpec{
		{id: 0, kind: vector, size: 4},
		{id: 1, kind: scalar, size: 1},
		{id: 2, kind: scalar, size: 4},
		{id: 3, kind: vector, size: 1},
		{id: 6, kind: table, of: sparsity},
	}
}

func operatorSpec() *tableSpec {
	byteAt := func(id int) fieldSpec { return fieldSpec{id: id, kind: scalar, size: 1} }
	intAt := func(id int) fieldSpec { return fieldSpec{id: id, kind: scalar, size: 4} }
	options := map[byte]*tableSpec{
		byte(BuiltinOptionsConv2DOptions):          {byteAt(0), intAt(1), intAt(2), byteAt(3), intAt(4), intAt(5)},
		byte(BuiltinOptionsDepthwiseConv2DOptions): {byteAt(0), intAt(1), intAt(2), intAt(3), byteAt(4), intAt(5), intAt(6)},
		byte(BuiltinOptionsPool2DOptions):          {byteAt(0), intAt(1), intAt(2), intAt(3), intAt(4), byteAt(5)},
		byte(BuiltinOptionsFullyConnectedOptions):  {byteAt(0), byteAt(1)},
		byte(BuiltinOptionsConcatenationOptions):   {intAt(0), byteAt(1)},
		byte(BuiltinOptionsAddOptions):             {byteAt(0)},
		byte(BuiltinOptionsMulOptions):             {byteAt(0)},
		byte(BuiltinOptionsResizeBilinearOptions):  {byteAt(2), byteAt(3)},
		byte(BuiltinOptionsReducerOptions):         {byteAt(0)},
		byte(BuiltinOptionsStridedSliceOptions):    {intAt(0), intAt(1), intAt(2), intAt(3), intAt(4)},
		byte(BuiltinOptionsDepthToSpaceOptions):    {intAt(0)},
	}
	return &tableSpec{
		{id: 0, kind: scalar, size: 4},
		{id: 1, kind: vector, size: 4},
		{id: 2, kind: vector, size: 4},
		{id: 3, kind: scalar, size: 1},
		{id: 4, kind: union, members: options},
		{id: 5, kind: vector, size: 1},
	}
}
