namespace MsVit.MLNet;

/// <summary>Element types, by their numbers in onnx.proto.</summary>
internal enum OnnxType
{
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Text = 8,
}
