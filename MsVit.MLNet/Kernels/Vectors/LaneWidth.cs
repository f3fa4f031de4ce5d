using System.Runtime.Intrinsics;

namespace MsVit.MLNet.Kernels;

/// <summary>How many neurons the fused kernels take at a time. It changes the speed and no bit of the result.</summary>
internal enum LaneWidth
{
    Scalar,
    Bits128,
    Bits256,
    Bits512,
}

internal static class LaneWidths
{
    /// <summary>Values in the widest vector there is, of 512 bits: channels that are a multiple of it fit every width.</summary>
    public const int MostLanes = 16;

    /// <summary>The widest one that this CPU is quick with.</summary>
    public static LaneWidth Best { get; } =
        Vector512.IsHardwareAccelerated ? LaneWidth.Bits512
        : Vector256.IsHardwareAccelerated ? LaneWidth.Bits256
        : Vector128.IsHardwareAccelerated ? LaneWidth.Bits128
        : LaneWidth.Scalar;

    /// <summary>The widest one that divides a number of values.</summary>
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
