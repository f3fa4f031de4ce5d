using System.Runtime.Intrinsics;

namespace MsVit.MLNet.Kernels;

/// <summary>The width of the vectors that a kernel uses. It changes the speed but no bit of the result.</summary>
internal enum LaneWidth
{
    Scalar,
    Bits128,
    Bits256,
    Bits512,
}

internal static class LaneWidths
{
    /// <summary>Lanes of the widest vectors, those of 512 bits. A number of channels that is a multiple of it fits every width.</summary>
    public const int MostLanes = 16;

    /// <summary>The widest vectors that this CPU supports in hardware.</summary>
    public static LaneWidth Best { get; } =
        Vector512.IsHardwareAccelerated ? LaneWidth.Bits512
        : Vector256.IsHardwareAccelerated ? LaneWidth.Bits256
        : Vector128.IsHardwareAccelerated ? LaneWidth.Bits128
        : LaneWidth.Scalar;

    /// <summary>The widest vectors whose lanes divide a number of values.</summary>
    public static LaneWidth Dividing(int values)
    {
        var fitting =
            values % Vector512<float>.Count == 0 ? LaneWidth.Bits512
            : values % Vector256<float>.Count == 0 ? LaneWidth.Bits256
            : values % Vector128<float>.Count == 0 ? LaneWidth.Bits128
            : LaneWidth.Scalar;
        return fitting < Best ? fitting : Best;
    }
}
