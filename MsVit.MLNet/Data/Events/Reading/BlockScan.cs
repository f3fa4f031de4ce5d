using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MsVit.MLNet.Events;

/// <summary>Scans a block of events without branches: finds the largest coordinates and whether a time precedes the previous one.</summary>
internal readonly record struct BlockScan(ushort MaxX, ushort MaxY, bool StepsBack)
{
    // An event is four 32-bit lanes: two halves of its time; x and y; on.
    private const int Lanes = 8, XLane = 4, YLane = 5;

    public static BlockScan Of(ReadOnlySpan<CameraEvent> events, long previous)
    {
        ref var first = ref Unsafe.As<CameraEvent, long>(ref MemoryMarshal.GetReference(events));
        var back = events.Length > 0 && events[0].Time < previous;
        var firstMax = events.Length > 0 ? Vector128.LoadUnsafe(ref first).AsUInt16() : default;
        var max = Vector256.Create(firstMax, firstMax);
        var less = Vector256<long>.Zero;
        var i = 1;
        if (Vector512.IsHardwareAccelerated)
        {
            var wideMax = Vector512.Create(max, max);
            var wideLess = Vector512<long>.Zero;
            for (; i + 4 <= events.Length; i += 4)
            {
                var now = Vector512.LoadUnsafe(ref first, (nuint)(2 * i));
                wideLess |= Vector512.LessThan(now, Vector512.LoadUnsafe(ref first, (nuint)((2 * i) - 2)));
                wideMax = Vector512.Max(wideMax, now.AsUInt16());
            }
            max = Vector256.Max(wideMax.GetLower(), wideMax.GetUpper());
            less = wideLess.GetLower() | wideLess.GetUpper();
        }
        for (; i + 2 <= events.Length; i += 2)
        {
            var now = Vector256.LoadUnsafe(ref first, (nuint)(2 * i));
            less |= Vector256.LessThan(now, Vector256.LoadUnsafe(ref first, (nuint)((2 * i) - 2)));
            max = Vector256.Max(max, now.AsUInt16());
        }
        if (i < events.Length)
        {
            back |= events[i].Time < events[i - 1].Time;
            var last = Vector128.LoadUnsafe(ref first, (nuint)(2 * i)).AsUInt16();
            max = Vector256.Max(max, Vector256.Create(last, last));
        }
        return new(
            Math.Max(max[XLane], max[Lanes + XLane]),
            Math.Max(max[YLane], max[Lanes + YLane]),
            back || less[0] != 0 || less[2] != 0);
    }
}
