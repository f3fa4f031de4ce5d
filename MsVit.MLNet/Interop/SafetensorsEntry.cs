using TorchSharp;

namespace MsVit.MLNet;

/// <summary>One tensor as a safetensors header describes it; its bytes are [Begin, End) of the data that follows the header.</summary>
internal sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>The element types that are read and written: the name in a safetensors header, torch's type, bytes per element.</summary>
internal sealed record SafetensorsType(string Name, torch.ScalarType Torch, int Size)
{
    public static IReadOnlyList<SafetensorsType> All { get; } =
    [
        new("F64", torch.ScalarType.Float64, 8),
        new("I64", torch.ScalarType.Int64, 8),
        new("F32", torch.ScalarType.Float32, 4),
        new("I32", torch.ScalarType.Int32, 4),
        new("F16", torch.ScalarType.Float16, 2),
        new("BF16", torch.ScalarType.BFloat16, 2),
        new("U8", torch.ScalarType.Byte, 1),
        new("BOOL", torch.ScalarType.Bool, 1),
    ];

    public static string Names => string.Join(", ", All.Select(type => type.Name));
}
