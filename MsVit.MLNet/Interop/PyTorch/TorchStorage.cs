using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Where the numbers of tensors lie: an entry of the file.</summary>
/// <param name="Key">The name of the entry, below data/.</param>
/// <param name="Type">Of an element.</param>
/// <param name="Length">Elements.</param>
internal sealed record TorchStorage(string Key, ScalarType Type, long Length)
{
    /// <summary>The element type of a class of storages; null for another class.</summary>
    public static ScalarType? TypeOf(string name) => name switch
    {
        "torch.FloatStorage" => ScalarType.Float32,
        "torch.DoubleStorage" => ScalarType.Float64,
        "torch.HalfStorage" => ScalarType.Float16,
        "torch.BFloat16Storage" => ScalarType.BFloat16,
        "torch.LongStorage" => ScalarType.Int64,
        "torch.IntStorage" => ScalarType.Int32,
        "torch.ShortStorage" => ScalarType.Int16,
        "torch.CharStorage" => ScalarType.Int8,
        "torch.ByteStorage" => ScalarType.Byte,
        "torch.BoolStorage" => ScalarType.Bool,
        _ => null,
    };
}
