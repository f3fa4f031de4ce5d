using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MsVit.MLNet.Data.Events.Reading;

/// <summary>Looks over a block of events without a branch an event: the largest coordinates, and whether a time lies before the one before it.</summary>
internal readonly record struct BlockScan(ushort MaxX, ushort MaxY, bool StepsBack)
{
    // An event is four 32-bit lanes: the two halves of its time; x and y; on.
    private const int Lanes = 8, XLane = 4, YLane = 5;

    public static BlockScan Of(ReadOnlySpan<CameraEvent> events, long previous)
    {
        ref var first = ref Unsafe.As<CameraEvent, long>(ref MemoryMarshal.GetReference(events));
        var back = events.Length > 0 && events[0].Time < previous;
        var max = events.Length > 0 ? Vector128.LoadUnsafe(ref first).AsUInt16() : default;
        var max2 = Vector256.Create(max, max);
        var less = Vector256<long>.Zero;
        var i = 1;
        for (; i + 2 <= events.Length; i += 2)
        {
            var before = Vector256.LoadUnsafe(ref first, (nuint)((2 * i) - 2));
            var now = Vector256.LoadUnsafe(ref first, (nuint)(2 * i));
            less |= Vector256.LessThan(now, before);
            max2 = Vector256.Max(max2, now.AsUInt16());
        }
        if (i < events.Length)
        {
            back |= events[i].Time < events[i - 1].Time;
            var last = Vector128.LoadUnsafe(ref first, (nuint)(2 * i)).AsUInt16();
            max2 = Vector256.Max(max2, Vector256.Create(last, last));
        }
        return new(
            Math.Max(max2[XLane], max2[Lanes + XLane]),
            Math.Max(max2[YLane], max2[Lanes + YLane]),
            back || less[0] != 0 || less[2] != 0);
    }
}
